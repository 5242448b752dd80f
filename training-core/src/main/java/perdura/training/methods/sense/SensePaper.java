package perdura.training.methods.sense;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import perdura.training.method.Paper;
import perdura.training.method.Paper.Measure;
import perdura.training.method.Paper.OfModel;
import perdura.training.method.Paper.OfSweep;
import perdura.training.method.Paper.Published;
import perdura.training.method.Paper.Start;
import perdura.training.method.Paper.Table;

/** Table S1 and Figures S1 and S2 of SENSE's supplement, and the results that its paper only tells of (sense.md 4 to 6). */
final class SensePaper {
    private static final String FRACTION = "fraction";
    private static final String UNI = "pretrain.model.uniProjectors";
    private static final String TO_REPORT = "image_to_report_recall_at_";
    private static final String TO_IMAGE = "report_to_image_recall_at_";
    private static final List<String> RANKS = List.of("1", "5", "10");
    private static final String S1 = "Supplement, Table S1.";

    static final Paper PAPER = new Paper(
            "SENSE: Towards Medical Vision-Language Contrastive Pre-training via Study-Oriented Semantic Exploration"
                    + " (Liu, Lu, Wang, ACM Multimedia 2024)",
            "docs/methods/sense.md, section 6: only Table S1 of the supplement is verified",
            "mimic-cxr",
            List.of(uniProjectors(), retrieval(), zeroShot(), probe(), segmentation(), losses(), pooling()),
            List.of(
                    curve("Figure S1, left", "Length of the queues (A1)", "sense-queue-length", "pretrain.queueLength"),
                    curve("Figure S1, right", "Number of clusters (A2)", "sense-clusters", "pretrain.clusters.count"),
                    new OfModel("Figure S2", "Which words make the feature of a report (A4)", 1)));

    private SensePaper() {}

    private static OfSweep curve(String name, String title, String grid, String over) {
        return new OfSweep(
                name,
                title,
                grid,
                over,
                RANKS.stream().map(rank -> TO_REPORT + rank).toList());
    }

    private static List<Measure> recalls() {
        List<Measure> measures = new ArrayList<>();
        RANKS.forEach(rank -> measures.add(Measure.of(TO_REPORT + rank, "image to report R@" + rank)));
        RANKS.forEach(rank -> measures.add(Measure.of(TO_IMAGE + rank, "report to image R@" + rank)));
        return measures;
    }

    private static List<Published> published(Map<String, String> row, Start start, String note, double... recalls) {
        List<Published> published = new ArrayList<>();
        for (int i = 0; i < recalls.length; i++) {
            published.add(new Published(row, start, TO_REPORT + RANKS.get(i), recalls[i], null, note));
        }
        return published;
    }

    private static Table uniProjectors() {
        List<Published> published = new ArrayList<>();
        published.addAll(published(Map.of(UNI, "false"), Start.OWN, S1, 0.171, 0.432, 0.538));
        published.addAll(published(Map.of(UNI, "true"), Start.OWN, S1, 0.195, 0.451, 0.573));
        return ablation(
                "Table S1",
                "Projectors of S-UMC's own, or those of S-CMC for both (A3)",
                "sense-uni-projectors",
                List.of(UNI),
                published);
    }

    private static Table losses() {
        return ablation(
                "Losses",
                "S-CMC alone, with S-MMC, with S-UMC, and all three (A5)",
                "sense-losses",
                List.of("pretrain.lossWeights.mmc", "pretrain.lossWeights.umc"),
                List.of());
    }

    private static Table pooling() {
        return ablation(
                "Pooling",
                "Max against Max-Max pooling of a report's tokens, with S-CMC alone (A4)",
                "sense-pooling",
                List.of("pretrain.model.pooling"),
                List.of());
    }

    private static Table ablation(
            String name, String title, String grid, List<String> rows, List<Published> published) {
        return new Table(
                name,
                title,
                grid,
                List.of(Start.OWN),
                rows,
                List.of("pretrain.profile"),
                recalls(),
                published,
                List.of(
                        "Retrieval of the test pairs of the data set that was learned; the pre-training's best checkpoint by the"
                                + " recalls of its validation pairs."));
    }

    private static Table retrieval() {
        return new Table(
                "Retrieval",
                "Pairs of image and report of the test part",
                "sense-retrieval",
                List.of(Start.PRETRAINED),
                List.of("dataset"),
                List.of(),
                recalls(),
                published(
                        Map.of("dataset", "mimic-cxr"),
                        Start.PRETRAINED,
                        S1 + " Its row with uni-projectors is the whole method.",
                        0.195,
                        0.451,
                        0.573),
                List.of("Chance at R@1 is one over the number of images."));
    }

    private static Table zeroShot() {
        return new Table(
                "Zero-shot classification",
                "RSNA by two prompts",
                "sense-zero-shot",
                List.of(Start.PRETRAINED),
                List.of("dataset"),
                List.of("split", "splitSeed"),
                List.of(
                        Measure.of("auroc", "AUROC"),
                        Measure.of("f1", "F1"),
                        Measure.of("accuracy", "accuracy"),
                        Measure.of("f1_at_threshold", "F1 at the threshold of validation"),
                        Measure.of("accuracy_at_threshold", "accuracy at the threshold of validation")),
                List.of(),
                List.of("On RSNA's test part the majority class has an accuracy of about 77.5 %."));
    }

    private static Table segmentation() {
        return new Table(
                "Segmentation",
                "Pneumothorax on SIIM by a U-Net, 70/15/15",
                "sense-segmentation",
                List.of(Start.RANDOM, Start.PRETRAINED),
                List.of(FRACTION),
                List.of("learningRate", "epochs", "batchSize"),
                List.of(
                        new Measure("dice", "Dice", List.of("test/dice-empty", "baseline/nearest-image/dice")),
                        new Measure(
                                "dice-positives",
                                "Dice of positives",
                                List.of("baseline/nearest-image/dice-positives"))),
                List.of(),
                List.of(
                        "Dice over all images of the test part, most of which have no pneumothorax: an answer that is always empty gets"
                                + " what stands below it."));
    }

    private static Table probe() {
        return new Table(
                "Linear probe",
                "A linear layer on the frozen encoder",
                "sense-linear-probe",
                List.of(Start.RANDOM, Start.PRETRAINED),
                List.of("dataset", FRACTION),
                List.of("learningRate", "epochs", "batchSize"),
                List.of(Measure.of("auroc", "AUROC"), Measure.of("auprc", "AUPRC")),
                List.of(),
                List.of());
    }
}
