package perdura.grids.read;

import static perdura.grids.spec.ParameterSchema.nullable;
import static perdura.grids.spec.ParameterSchema.optional;
import static perdura.grids.spec.ParameterSchema.required;

import java.util.List;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.TaskSchema;

/** The tasks of training-core, which this module does not see, and one with a parameter of every type. */
final class KnownTasks {
    private static final ParameterType DATASET = new ParameterType.Reference(ParameterType.Reference.Kind.DATASET);
    private static final ParameterType WEIGHTS = new ParameterType.Reference(ParameterType.Reference.Kind.WEIGHTS);
    private static final ParameterType COUNT = new ParameterType.Whole(1, 1 << 20);
    private static final ParameterType SHARE = ParameterType.Real.share();

    private static final List<String> METRICS = List.of("auroc", "auprc", "accuracy", "f1", "loss");

    private static final ParameterType SPLIT =
            new ParameterType.Word(List.of("standard", "ratio-622", "held-out", "chexpert-prior", "chexpert-gloria"));
    private static final ParameterType LABELS = new ParameterType.Word(List.of("five", "all14"));
    private static final ParameterType BLOCKS = new ParameterType.ListOf(COUNT, 4, 4);

    static final TaskSchema CLASSIFICATION = new TaskSchema(
            "supervised-classification",
            1,
            List.of(
                    required("dataset", DATASET, "what is learned and tested"),
                    nullable("encoder", WEIGHTS, "what the encoder begins with; null: at random"),
                    optional("fraction", ParameterType.Real.positiveShare(), 1.0, "of the training part"),
                    optional("split", SPLIT, "standard", "how the data set is split"),
                    optional("splitSeed", new ParameterType.Whole(0, (1L << 32) - 1), 114_514, "of the split"),
                    optional("chexpertLabels", LABELS, "five", "which findings are learned"),
                    optional("imageSize", COUNT, 224, "side of the input, pixels"),
                    optional("learningRate", ParameterType.Real.positive(), 1e-4, "at the start of the cosine"),
                    optional("epochs", COUNT, 5, "over the training part"),
                    optional("batchSize", COUNT, 64, "images of a step"),
                    optional("optimizer.algorithm", new ParameterType.Word(List.of("adam", "adamw")), "adam", "rule"),
                    optional("optimizer.weightDecay", ParameterType.Real.notNegative(), 1e-6, "L2"),
                    nullable("model.blocks", BLOCKS, "of the four layers"),
                    nullable("model.width", COUNT, "of the first layer")),
            METRICS);

    static final TaskSchema PROBE = new TaskSchema(
            "linear-probe",
            1,
            List.of(
                    required("dataset", DATASET, "what is learned and tested"),
                    nullable("encoder", WEIGHTS, "the frozen encoder; null: its first values"),
                    optional("fraction", ParameterType.Real.positiveShare(), 1.0, "of the training part"),
                    optional("split", SPLIT, "standard", "how the data set is split"),
                    optional("splitSeed", new ParameterType.Whole(0, (1L << 32) - 1), 0, "of the split"),
                    optional("chexpertLabels", LABELS, "five", "which findings are learned"),
                    optional("view", new ParameterType.Word(List.of("crop", "centre")), "crop", "of an image"),
                    optional("learningRate", ParameterType.Real.positive(), 1e-4, "before the plateaus"),
                    optional("epochs", COUNT, 50, "over the training part"),
                    optional("batchSize", COUNT, 64, "images of a step"),
                    optional("optimizer.beta1", SHARE, 0.5, "Adam's"),
                    optional("optimizer.beta2", SHARE, 0.999, "Adam's"),
                    optional("optimizer.weightDecay", ParameterType.Real.notNegative(), 1e-6, "L2"),
                    optional("plateau.factor", new ParameterType.Real(0, false, 1, false), 0.5, "of the learning rate"),
                    optional("plateau.patience", new ParameterType.Whole(0, 1 << 20), 5, "epochs"),
                    nullable("model.blocks", BLOCKS, "of the four layers"),
                    nullable("model.width", COUNT, "of the first layer")),
            METRICS);

    static final TaskSchema PRETRAIN = new TaskSchema(
            "pretrain",
            1,
            List.of(
                    required("dataset", DATASET, "what the pre-training learns"),
                    optional(
                            "pretrain.profile",
                            new ParameterType.Word(List.of("tiny", "small", "paper")),
                            "paper",
                            "defaults"),
                    optional("pretrain.method", new ParameterType.Word(List.of("prior", "sense")), "prior", "of it"),
                    optional(
                            "pretrain.checkpoint",
                            new ParameterType.Word(List.of("last", "best")),
                            "last",
                            "which one"),
                    nullable("pretrain.seed", new ParameterType.Whole(0, 1L << 40), "of the pre-training"),
                    nullable("pretrain.queueLength", COUNT, "keys of a queue"),
                    nullable("pretrain.clusters.count", COUNT, "of an epoch"),
                    nullable("pretrain.lossWeights.cmc", ParameterType.Real.notNegative(), "of a loss"),
                    nullable("pretrain.lossWeights.mmc", ParameterType.Real.notNegative(), "of a loss"),
                    nullable("pretrain.lossWeights.umc", ParameterType.Real.notNegative(), "of a loss"),
                    nullable("pretrain.model.uniProjectors", new ParameterType.Flag(), "of its own"),
                    nullable("pretrain.model.pooling", new ParameterType.Word(List.of("max", "max-max")), "of text"),
                    optional("pretrain.stage", new ParameterType.Whole(1, 3), 3, "the last one"),
                    nullable("pretrain.model.tau", ParameterType.Real.positiveShare(), "temperature"),
                    nullable("pretrain.model.dim", COUNT, "joint width"),
                    nullable(
                            "pretrain.model.lamActivation",
                            new ParameterType.Word(List.of("sigmoid", "softmax")),
                            "of local alignment"),
                    optional(
                            "downstream.task",
                            new ParameterType.Word(List.of(
                                    "linear-probe",
                                    "supervised-classification",
                                    "zero-shot",
                                    "retrieval",
                                    "pair-retrieval")),
                            "linear-probe",
                            "what judges"),
                    required("downstream.dataset", DATASET, "what is learned and tested"),
                    nullable("downstream.fraction", ParameterType.Real.positiveShare(), "of the training part"),
                    nullable("downstream.learningRate", ParameterType.Real.positive(), "of the task"),
                    nullable("downstream.epochs", COUNT, "of the task"),
                    nullable("downstream.batchSize", COUNT, "images of a step"),
                    nullable("downstream.view", new ParameterType.Word(List.of("crop", "centre")), "of an image")),
            List.of(
                    "auroc",
                    "auprc",
                    "loss",
                    "recall_sum",
                    "image_to_report_recall_at_1",
                    "image_to_report_recall_at_5",
                    "image_to_report_recall_at_10",
                    "report_to_image_recall_at_1",
                    "report_to_image_recall_at_5",
                    "report_to_image_recall_at_10"));

    static final TaskSchema ZERO_SHOT = new TaskSchema(
            "zero-shot",
            1,
            List.of(
                    required("dataset", DATASET, "whose images are shown"),
                    required("encoder", WEIGHTS, "a stage of a pre-training"),
                    optional("perClass", COUNT, 200, "images of each finding"),
                    optional("allowFewer", new ParameterType.Flag(), false, "of each finding"),
                    optional(
                            "prompt",
                            new ParameterType.Word(List.of("observed", "report")),
                            "observed",
                            "of a finding"),
                    optional("scale", new ParameterType.Word(List.of("log", "exp")), "log", "of the cosine"),
                    optional("localWeight", ParameterType.Real.notNegative(), 1.0, "of the local score")),
            List.of("accuracy", "precision", "recall", "f1", "kappa"));

    static final TaskSchema RETRIEVAL = new TaskSchema(
            "retrieval",
            1,
            List.of(
                    required("dataset", DATASET, "whose images are shown"),
                    required("encoder", WEIGHTS, "a stage of a pre-training"),
                    optional("perClass", COUNT, 200, "images of each finding"),
                    optional("allowFewer", new ParameterType.Flag(), false, "of each finding"),
                    required("reports", DATASET, "whose reports are the candidates"),
                    optional("reportsPerClass", COUNT, 1000, "reports of each finding"),
                    optional("scale", new ParameterType.Word(List.of("log", "exp")), "log", "of the cosine"),
                    optional("localWeight", ParameterType.Real.notNegative(), 1.0, "of the local score")),
            List.of("precision_at_1", "precision_at_2", "precision_at_5", "precision_at_10", "precision_at_100"));

    static final TaskSchema PAIR_RETRIEVAL = new TaskSchema(
            "pair-retrieval",
            1,
            List.of(
                    required("dataset", DATASET, "whose pairs are shown"),
                    required("encoder", WEIGHTS, "a stage of a pre-training"),
                    optional("batchSize", COUNT, 50, "images of a step")),
            List.of(
                    "recall_sum",
                    "image_to_report_recall_at_1",
                    "image_to_report_recall_at_5",
                    "image_to_report_recall_at_10",
                    "report_to_image_recall_at_1",
                    "report_to_image_recall_at_5",
                    "report_to_image_recall_at_10"));

    static final TaskSchema BINARY_ZERO_SHOT = new TaskSchema(
            "zero-shot-binary",
            1,
            List.of(
                    required("dataset", DATASET, "whose images are shown"),
                    required("encoder", WEIGHTS, "a stage of a pre-training"),
                    optional("split", SPLIT, "standard", "how the data set is split"),
                    optional("splitSeed", new ParameterType.Whole(0, (1L << 32) - 1), 0, "of the split")),
            List.of("auroc", "auprc", "accuracy", "f1", "accuracy_at_threshold", "f1_at_threshold"));

    /** A task with a parameter of every type; none must be given. */
    static final TaskSchema TOY = new TaskSchema(
            "toy",
            3,
            List.of(
                    optional("optimizer", new ParameterType.Word(List.of("sgd", "adam", "adamw")), "adam", "rule"),
                    optional("learningRate", ParameterType.Real.positive(), 1e-3, "step size"),
                    optional("momentum", SHARE, 0.0, "of sgd"),
                    optional("batchSize", COUNT, 32, "samples of a step"),
                    optional("augment", new ParameterType.Flag(), false, "whether images are turned"),
                    nullable("clipNorm", ParameterType.Real.positive(), "greatest norm"),
                    optional("model.dim", COUNT, 64, "width"),
                    optional("model.depth", COUNT, 2, "layers"),
                    optional("model.blocks", new ParameterType.ListOf(COUNT, 2, 4), List.of(1, 1), "of each layer"),
                    nullable("encoder", WEIGHTS, "what it begins with")),
            List.of("auroc", "loss"));

    static final List<TaskSchema> ALL =
            List.of(CLASSIFICATION, PAIR_RETRIEVAL, PRETRAIN, PROBE, RETRIEVAL, TOY, ZERO_SHOT, BINARY_ZERO_SHOT);

    private KnownTasks() {}
}
