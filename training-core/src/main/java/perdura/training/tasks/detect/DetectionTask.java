package perdura.training.tasks.detect;

import static perdura.grids.spec.ParameterSchema.nullable;
import static perdura.grids.spec.ParameterSchema.optional;
import static perdura.grids.spec.ParameterSchema.required;

import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.stream.Stream;
import perdura.datasets.split.FoldSplit;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.TaskSchema;
import perdura.training.loop.TrainingJob;
import perdura.training.metric.CocoAveragePrecision;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.TaskInput;

/** {@link BoxDetection} as a task. Its defaults are those of PRIOR's Table 2 on all of RSNA, as it is repaired in prior.md 4.4. */
public final class DetectionTask implements Task {
    static final String FOLD = "fold";
    static final String IMAGE_SIZE = "imageSize";
    static final String FPN = "model.fpn";
    static final String HIDDEN = "model.hidden";
    static final String ANCHORS = "model.anchors";
    static final String CANONICAL = "model.canonical";
    static final String RPN_SAMPLES = "rpn.samples";
    static final String HEAD_SAMPLES = "head.samples";
    static final String PROPOSALS_TRAIN = "proposals.train";
    static final String PROPOSALS_TEST = "proposals.test";
    static final String KEPT_TRAIN = "proposals.kept.train";
    static final String KEPT_TEST = "proposals.kept.test";

    private static final String ALGORITHM = "optimizer.algorithm";
    private static final String WEIGHT_DECAY = "optimizer.weightDecay";
    private static final String PATIENCE = "patience";
    private static final ParameterType COUNT = ClassifierSchema.COUNT;

    private static final TaskSchema SCHEMA = new TaskSchema(
            "detection",
            1,
            Stream.of(data(), learning(), ClassifierSchema.model(), model())
                    .flatMap(List::stream)
                    .toList(),
            CocoAveragePrecision.METRICS);

    private static List<ParameterSchema> data() {
        return List.of(
                required(
                        ClassifierSchema.DATASET,
                        new ParameterType.Reference(ParameterType.Reference.Kind.DATASET),
                        "the ingested data set whose images with boxes are learned and tested"),
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
                        new ParameterType.Word(DetectionInput.SPLITS),
                        "standard",
                        "how the images with boxes are split; standard: five folds"),
                ClassifierSchema.splitSeed(114_514),
                optional(
                        FOLD,
                        new ParameterType.Whole(0, FoldSplit.FOLDS - 1),
                        0,
                        "which fold is tested; the next one is the validation part"),
                optional(IMAGE_SIZE, COUNT, 224, "side of the images, as the data set was ingested"));
    }

    private static List<ParameterSchema> learning() {
        return List.of(
                optional(
                        ClassifierSchema.LEARNING_RATE,
                        ParameterType.Real.positive(),
                        5e-5,
                        "at the start of the cosine"),
                optional(ClassifierSchema.EPOCHS, COUNT, 20, "over the training part"),
                optional(ClassifierSchema.BATCH_SIZE, COUNT, 16, "images of an optimiser step"),
                nullable(PATIENCE, COUNT, "epochs without a better one after which the trial ends; null: none"),
                optional(
                        ALGORITHM,
                        new ParameterType.Word(List.of("adam", "adamw")),
                        "adam",
                        "rule of the weight decay"),
                optional(WEIGHT_DECAY, ParameterType.Real.notNegative(), 1e-6, "of all weights"));
    }

    private static List<ParameterSchema> model() {
        return List.of(
                optional(FPN, COUNT, 256, "channels of the feature pyramid"),
                optional(HIDDEN, COUNT, 1024, "numbers in each of the head's two layers"),
                optional(
                        ANCHORS,
                        new ParameterType.ListOf(COUNT, Anchors.LEVELS, Anchors.LEVELS),
                        List.of(32L, 64L, 128L, 256L, 512L),
                        "side of the square anchor of each level, pixels"),
                optional(CANONICAL, COUNT, 224, "side of a box that the head reads from level 4, pixels"),
                optional(RPN_SAMPLES, COUNT, 256, "anchors of an image that its proposals learn from"),
                optional(HEAD_SAMPLES, COUNT, 512, "boxes of an image that its head learns from"),
                optional(PROPOSALS_TRAIN, COUNT, 2000, "best anchors of a level that are looked at in training"),
                optional(KEPT_TRAIN, COUNT, 2000, "proposals of an image that stay in training"),
                optional(PROPOSALS_TEST, COUNT, 1000, "best anchors of a level that are looked at to answer"),
                optional(KEPT_TEST, COUNT, 1000, "proposals of an image that stay to answer"));
    }

    @Override
    public TaskSchema schema() {
        return SCHEMA;
    }

    @Override
    public void check(TaskInput input) {
        DetectionInput trial = new DetectionInput(input);
        trial.check();
        trial.split();
    }

    @Override
    public TrainingJob open(TaskInput input, SortedMap<String, EncoderWeights> weights, TaskContext place) {
        DetectionInput trial = new DetectionInput(input);
        trial.check();
        BoxDetection detection = new BoxDetection(
                trial.encoder(),
                trial.spec(),
                input.trial().seed(),
                input.count(ClassifierSchema.EPOCHS),
                input.count(ClassifierSchema.BATCH_SIZE),
                input.real(ClassifierSchema.LEARNING_RATE),
                new OptimizerSpec(
                        OptimizerSpec.Algorithm.valueOf(input.word(ALGORITHM).toUpperCase(Locale.ROOT)),
                        0.9,
                        0.999,
                        1e-8,
                        input.real(WEIGHT_DECAY),
                        null),
                input.countOrNull(PATIENCE));
        return detection.open(
                trial.data(),
                trial.split(),
                weights.getOrDefault(ClassifierSchema.ENCODER, new EncoderWeights.Random()),
                place.resources(),
                place.alive(),
                tested -> {});
    }
}
