package perdura.grids.read;

import static perdura.grids.spec.ParameterSchema.nullable;
import static perdura.grids.spec.ParameterSchema.optional;
import static perdura.grids.spec.ParameterSchema.required;

import java.util.List;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.TaskSchema;

/** Tasks as the ready grids expect them, and one with a parameter of every type. */
final class KnownTasks {
    private static final ParameterType DATASET = new ParameterType.Reference(ParameterType.Reference.Kind.DATASET);
    private static final ParameterType WEIGHTS = new ParameterType.Reference(ParameterType.Reference.Kind.WEIGHTS);
    private static final ParameterType COUNT = new ParameterType.Whole(1, 1 << 20);
    private static final ParameterType SHARE = ParameterType.Real.share();

    static final TaskSchema CLASSIFICATION = new TaskSchema(
            "supervised-classification",
            1,
            List.of(
                    required("dataset", DATASET, "what is learned and tested"),
                    nullable("encoder", WEIGHTS, "what the encoder begins with; null: at random"),
                    optional("fraction", ParameterType.Real.positiveShare(), 1.0, "of the training part"),
                    optional("imageSize", COUNT, 224, "side of the input, pixels"),
                    optional("learningRate", ParameterType.Real.positive(), 1e-4, "at the start of the cosine"),
                    optional("epochs", COUNT, 5, "over the training part"),
                    optional("batchSize", COUNT, 64, "images of a step"),
                    optional("optimizer.algorithm", new ParameterType.Word(List.of("adam", "adamw")), "adam", "rule"),
                    optional("optimizer.weightDecay", ParameterType.Real.notNegative(), 1e-6, "L2")),
            List.of("auroc", "auprc", "accuracy", "f1", "loss"));

    static final TaskSchema PROBE = new TaskSchema(
            "linear-probe",
            1,
            List.of(
                    required("dataset", DATASET, "what is learned and tested"),
                    nullable("encoder", WEIGHTS, "the frozen encoder; null: its first values"),
                    optional("fraction", ParameterType.Real.positiveShare(), 1.0, "of the training part"),
                    optional("learningRate", ParameterType.Real.positive(), 1e-4, "before the plateaus"),
                    optional("epochs", COUNT, 50, "over the training part"),
                    optional("batchSize", COUNT, 64, "images of a step"),
                    optional("optimizer.beta1", SHARE, 0.5, "Adam's"),
                    optional("optimizer.beta2", SHARE, 0.999, "Adam's"),
                    optional("optimizer.weightDecay", ParameterType.Real.notNegative(), 1e-6, "L2"),
                    optional("plateau.factor", ParameterType.Real.positiveShare(), 0.5, "of the learning rate"),
                    optional("plateau.patience", COUNT, 5, "epochs")),
            List.of("auroc", "auprc", "loss"));

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

    static final List<TaskSchema> ALL = List.of(CLASSIFICATION, PROBE, TOY);

    private KnownTasks() {}
}
