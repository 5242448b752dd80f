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
    private static final String INFERRED =
            "Supplement, Table 3. That it is 1 % of the labels is inferred from its size.";

    static final Paper PAPER = new Paper(
            "PRIOR: Prototype Representation Joint Learning from Medical Images and Reports (Cheng et al., ICCV 2023)",
            "docs/methods/prior.md, section 6: only results of the supplement are verified, those of its Table 3",
            "mimic-cxr",
            List.of(classification(), classificationByLam(), zeroShot(), retrieval()),
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
