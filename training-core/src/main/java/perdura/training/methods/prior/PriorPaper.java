package perdura.training.methods.prior;

import java.util.List;
import java.util.Map;
import perdura.training.method.Paper;
import perdura.training.method.Paper.Measure;
import perdura.training.method.Paper.OfModel;
import perdura.training.method.Paper.Published;
import perdura.training.method.Paper.Start;
import perdura.training.method.Paper.Table;

/** Tables 1 to 3 and Figures 1 to 5 of PRIOR's supplement, and the results that its paper only tells of (prior.md 4 to 6). */
final class PriorPaper {
    private static final String FRACTION = "fraction";
    private static final String LAM = "pretrain.model.lamActivation";
    private static final List<String> SETTINGS = List.of("learningRate", "epochs", "batchSize");
    private static final List<Start> BOTH = List.of(Start.RANDOM, Start.PRETRAINED);
    private static final List<Measure> DICE = List.of(
            new Measure("dice", "Dice", List.of("test/dice-empty", "baseline/nearest-image/dice")),
            Measure.of("dice-positives", "Dice of positives"));
    private static final String INFERRED =
            "Supplement, Table 3. That it is 1 % of the labels is inferred from its size.";

    static final Paper PAPER = new Paper(
            "PRIOR: Prototype Representation Joint Learning from Medical Images and Reports (Cheng et al., ICCV 2023)",
            "docs/methods/prior.md, section 6: only results of the supplement are verified, those of its Table 3",
            "mimic-cxr",
            List.of(
                    classification(),
                    segmentation(),
                    detection(
                            "Table 2, RSNA",
                            "prior-table-2-detection",
                            "The paper's epochs are damaged: these are the repaired ones, and the next table has them as they stand."),
                    detection(
                            "Table 2, RSNA, literally",
                            "prior-table-2-detection-literal",
                            "The epochs as they stand in the damaged table; 1 % is then 15 steps."),
                    classificationByLam(),
                    segmentationByLam(),
                    zeroShot(),
                    retrieval()),
            List.of(
                    new OfModel("Figure 1", "Sentences without the bank and after it, by t-SNE", 1),
                    new OfModel("Figure 2", "Which prototypes sentences of one meaning ask for", 2),
                    new OfModel("Figure 3", "Where local alignment looks for a finding", 3),
                    new OfModel("Figure 4", "Images reconstructed from hidden patches and the report", 4),
                    new OfModel("Figure 5", "Prototypes of reports, and those predicted from the image", 5)));

    private PriorPaper() {}

    private static Table classification() {
        return new Table(
                "Table 1",
                "Supervised classification",
                "prior-table-1",
                BOTH,
                List.of("dataset", FRACTION),
                SETTINGS,
                List.of(Measure.of("auroc", "AUC")),
                List.of(new Published(
                        Map.of("dataset", "chexpert", FRACTION, "0.01"),
                        Start.PRETRAINED,
                        "auroc",
                        0.8616,
                        0.0064,
                        INFERRED)),
                List.of(
                        "In the paper the table lists the settings alone; the results are in its body, which could not be read."));
    }

    private static Table classificationByLam() {
        return new Table(
                "Table 3, first half",
                "Local alignment with a sigmoid or a softmax, judged by classification of CheXpert",
                "prior-table-3",
                List.of(Start.OWN),
                List.of(LAM),
                List.of("downstream.fraction"),
                List.of(Measure.of("auroc", "AUC")),
                List.of(
                        new Published(Map.of(LAM, "sigmoid"), Start.OWN, "auroc", 0.8616, 0.0064, INFERRED),
                        new Published(Map.of(LAM, "softmax"), Start.OWN, "auroc", 0.8601, 0.0068, INFERRED)),
                List.of("In the paper the two lie within one standard deviation."));
    }

    private static Table segmentation() {
        return new Table(
                "Table 2, SIIM",
                "Segmentation by a U-Net, five folds of the images with pneumothorax",
                "prior-table-2-segmentation",
                BOTH,
                List.of(FRACTION),
                SETTINGS,
                DICE,
                List.of(new Published(Map.of(FRACTION, "0.01"), Start.PRETRAINED, "dice", 0.4601, 0.0103, INFERRED)),
                List.of("The paper's settings lost their cell borders; these rows can be read in one way only."));
    }

    private static Table detection(String name, String grid, String note) {
        return new Table(
                name,
                "Detection by Faster R-CNN, five folds of the images with boxes",
                grid,
                BOTH,
                List.of(FRACTION),
                SETTINGS,
                List.of(
                        new Measure("map", "mAP", List.of("baseline/k-means-boxes/map")),
                        Measure.of("ap50", "AP50"),
                        Measure.of("ap75", "AP75")),
                List.of(),
                List.of(note));
    }

    private static Table segmentationByLam() {
        return new Table(
                "Table 3, second half",
                "Local alignment with a sigmoid or a softmax, judged by segmentation of SIIM",
                "prior-table-3-segmentation",
                List.of(Start.OWN),
                List.of(LAM),
                List.of("downstream.fraction"),
                DICE,
                List.of(
                        new Published(Map.of(LAM, "sigmoid"), Start.OWN, "dice", 0.4601, 0.0103, INFERRED),
                        new Published(Map.of(LAM, "softmax"), Start.OWN, "dice", 0.4565, 0.0131, INFERRED)),
                List.of("In the paper the two lie within one standard deviation."));
    }

    private static Table zeroShot() {
        return new Table(
                "Zero-shot classification",
                "Images of CheXpert 5x200 against one prompt for each finding",
                "prior-zero-shot",
                List.of(Start.PRETRAINED),
                List.of("dataset", "scale"),
                List.of("prompt", "localWeight"),
                List.of(
                        Measure.of("accuracy", "accuracy"),
                        Measure.of("precision", "precision"),
                        Measure.of("recall", "recall"),
                        Measure.of("f1", "F1"),
                        Measure.of("kappa", "kappa")),
                List.of(),
                List.of("Chance is 20 %."));
    }

    private static Table retrieval() {
        return new Table(
                "Image-to-text retrieval",
                "Reports of the image's finding among the best K",
                "prior-retrieval",
                List.of(Start.PRETRAINED),
                List.of("scale"),
                List.of("perClass", "reportsPerClass", "localWeight"),
                List.of(
                        Measure.of("precision_at_1", "P@1"),
                        Measure.of("precision_at_2", "P@2"),
                        Measure.of("precision_at_5", "P@5"),
                        Measure.of("precision_at_10", "P@10"),
                        Measure.of("precision_at_100", "P@100")),
                List.of(),
                List.of("Chance is 20 %. The paper does not say its K."));
    }
}
