package perdura.training.tasks;

import static perdura.grids.spec.ParameterSchema.nullable;
import static perdura.grids.spec.ParameterSchema.optional;
import static perdura.grids.spec.ParameterSchema.required;

import java.util.List;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;

/** What the schemas of the tasks that train a classifier share. */
public final class ClassifierSchema {
    public static final String DATASET = "dataset";
    public static final String ENCODER = "encoder";
    public static final String FRACTION = "fraction";
    public static final String SPLIT = "split";
    public static final String SPLIT_SEED = "splitSeed";
    public static final String CHEXPERT_LABELS = "chexpertLabels";
    public static final String LEARNING_RATE = "learningRate";
    public static final String EPOCHS = "epochs";
    public static final String BATCH_SIZE = "batchSize";
    public static final String BLOCKS = "model.blocks";
    public static final String WIDTH = "model.width";

    /** What a classifier reports on each part. */
    public static final List<String> METRICS = List.of("auroc", "auprc", "accuracy", "f1", "loss");

    public static final ParameterType COUNT = new ParameterType.Whole(1, 1 << 20);

    /** NumPy's legacy generator takes 32 bits. */
    private static final ParameterType SPLIT_SEEDS = new ParameterType.Whole(0, (1L << 32) - 1);

    private ClassifierSchema() {}

    /** @param splitSeed the default of the task's paper */
    public static List<ParameterSchema> data(long splitSeed) {
        return List.of(
                required(
                        DATASET,
                        new ParameterType.Reference(ParameterType.Reference.Kind.DATASET),
                        "the ingested data set that is learned and tested"),
                nullable(
                        ENCODER,
                        new ParameterType.Reference(ParameterType.Reference.Kind.WEIGHTS),
                        "what the encoder begins with: a pre-training or imported weights; null: random"),
                optional(
                        FRACTION,
                        ParameterType.Real.positiveShare(),
                        1.0,
                        "share of the training part, drawn by the seed of the trial"),
                split(),
                splitSeed(splitSeed),
                optional(
                        CHEXPERT_LABELS,
                        new ParameterType.Word(List.of("five", "all14")),
                        "five",
                        "which findings of CheXpert are learned; no meaning to other sets"));
    }

    /** How a labelled set gets its parts. */
    public static ParameterSchema split() {
        return optional(
                SPLIT,
                new ParameterType.Word(SplitChoice.words()),
                SplitChoice.STANDARD.word(),
                "how the data set is split; standard: as the task's paper does with this set");
    }

    /** @param seed the default of the task's paper */
    public static ParameterSchema splitSeed(long seed) {
        return optional(SPLIT_SEED, SPLIT_SEEDS, seed, "of the split, which is the same for all seeds of trials")
                .replicate();
    }

    public static List<ParameterSchema> model() {
        ParameterType blocks = new ParameterType.ListOf(new ParameterType.Whole(1, 1000), 4, 4);
        return List.of(
                nullable(
                        BLOCKS,
                        blocks,
                        "bottleneck blocks of the ResNet's four layers; null: as the encoder, or ResNet-50"),
                nullable(
                        WIDTH,
                        new ParameterType.Whole(1, 1024),
                        "channels of its first convolution; null: as the encoder, or 64"));
    }
}
