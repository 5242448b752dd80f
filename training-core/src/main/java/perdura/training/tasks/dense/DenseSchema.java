package perdura.training.tasks.dense;

import static perdura.grids.spec.ParameterSchema.nullable;
import static perdura.grids.spec.ParameterSchema.optional;
import static perdura.grids.spec.ParameterSchema.required;

import java.util.ArrayList;
import java.util.List;
import perdura.datasets.split.FoldSplit;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.FineTuning;

/** What the schemas of the tasks on masks and boxes share. */
public final class DenseSchema {
    static final String FOLD = "fold";
    static final String PATIENCE = "patience";

    private DenseSchema() {}

    /** @param learned what is learned, for the parameter {@code dataset} */
    public static List<ParameterSchema> data(String learned) {
        return List.of(
                required(
                        ClassifierSchema.DATASET,
                        new ParameterType.Reference(ParameterType.Reference.Kind.DATASET),
                        "the ingested data set whose " + learned + " are learned and tested"),
                nullable(
                        ClassifierSchema.ENCODER,
                        new ParameterType.Reference(ParameterType.Reference.Kind.WEIGHTS),
                        "what the encoder begins with: a pre-training or imported weights; null: random"),
                optional(
                        ClassifierSchema.FRACTION,
                        ParameterType.Real.positiveShare(),
                        1.0,
                        "share of the training part, drawn by the seed of the trial"),
                optional(
                        ClassifierSchema.SPLIT,
                        new ParameterType.Word(DenseSplit.words()),
                        DenseSplit.STANDARD.word(),
                        "how the images that take part are split; standard: five folds"),
                ClassifierSchema.splitSeed(114_514),
                optional(
                                FOLD,
                                new ParameterType.Whole(0, FoldSplit.FOLDS - 1),
                                0,
                                "which fold is tested; the next one is the validation part")
                        .replicate(),
                FineTuning.imageSize());
    }

    /** @param rate and the others: the defaults of the task's paper */
    public static List<ParameterSchema> learning(double rate, int epochs, int batchSize) {
        List<ParameterSchema> learning = new ArrayList<>(List.of(
                optional(ClassifierSchema.LEARNING_RATE, ParameterType.Real.positive(), rate, "of the first step"),
                optional(ClassifierSchema.EPOCHS, ClassifierSchema.COUNT, epochs, "over the training part, at most"),
                optional(ClassifierSchema.BATCH_SIZE, ClassifierSchema.COUNT, batchSize, "images of an optimiser step"),
                nullable(
                        PATIENCE,
                        ClassifierSchema.COUNT,
                        "epochs without a better one after which the trial ends; null: it ends after all epochs")));
        learning.addAll(FineTuning.optimizer());
        return learning;
    }
}
