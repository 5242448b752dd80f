package perdura.training.tasks.detect;

import static perdura.grids.spec.ParameterSchema.optional;

import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
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
import perdura.training.tasks.dense.DenseSchema;

/** {@link BoxDetection} as a task. Its defaults are those of PRIOR's Table 2 on all of RSNA, as it is repaired in prior.md 4.4. */
public final class DetectionTask implements Task {
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

    private static final ParameterType COUNT = ClassifierSchema.COUNT;

    private static final TaskSchema SCHEMA = new TaskSchema(
            "detection",
            1,
            Stream.of(DenseSchema.data("boxes"), DenseSchema.learning(5e-5, 20, 16), ClassifierSchema.model(), model())
                    .flatMap(List::stream)
                    .toList(),
            CocoAveragePrecision.METRICS);

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
                optional(
                        RPN_SAMPLES,
                        samples(2),
                        256,
                        "anchors of an image that its proposals learn from, at most half of them positive"),
                optional(
                        HEAD_SAMPLES,
                        samples(4),
                        512,
                        "boxes of an image that its head learns from, at most a quarter of them positive"),
                optional(PROPOSALS_TRAIN, COUNT, 2000, "best anchors of a level that are looked at in training"),
                optional(KEPT_TRAIN, COUNT, 2000, "proposals of an image that stay in training"),
                optional(PROPOSALS_TEST, COUNT, 1000, "best anchors of a level that are looked at to answer"),
                optional(KEPT_TEST, COUNT, 1000, "proposals of an image that stay to answer"));
    }

    /** @param least of which one can be positive */
    private static ParameterType samples(int least) {
        return new ParameterType.Whole(least, 1 << 20);
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
        BoxDetection detection = new BoxDetection(trial.encoder(), trial.spec(), trial.learning());
        return detection.open(
                trial.data(),
                trial.split(),
                weights.getOrDefault(ClassifierSchema.ENCODER, new EncoderWeights.Random()),
                place);
    }
}
