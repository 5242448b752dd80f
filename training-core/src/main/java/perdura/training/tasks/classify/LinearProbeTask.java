package perdura.training.tasks.classify;

import static perdura.grids.spec.ParameterSchema.optional;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import perdura.datasets.data.Normalization;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SourceSet;
import perdura.grids.spec.SplitSpec;
import perdura.grids.spec.TaskSchema;
import perdura.training.loop.TrainingJob;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.SplitChoice;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.TaskInput;

/** {@link LinearProbe} as a task. Its defaults are those of sense.md 4.2. */
public final class LinearProbeTask implements Task {
    private static final String VIEW = "view";
    private static final String BETA_1 = "optimizer.beta1";
    private static final String BETA_2 = "optimizer.beta2";
    private static final String WEIGHT_DECAY = "optimizer.weightDecay";
    private static final String FACTOR = "plateau.factor";
    private static final String PATIENCE = "plateau.patience";

    private static final TaskSchema SCHEMA = new TaskSchema("linear-probe", 1, parameters(), ClassifierSchema.METRICS);

    static final ClassifierInput.Rules RULES = new ClassifierInput.Rules(
            Map.of(
                    SourceSet.RSNA, SplitChoice.HELD_OUT,
                    SourceSet.SIIM, SplitChoice.HELD_OUT,
                    SourceSet.CHEXPERT, SplitChoice.CHEXPERT_GLORIA),
            SplitSpec.FractionRule.PLAIN,
            Normalization.RGB);

    private static List<ParameterSchema> parameters() {
        List<ParameterSchema> all = new ArrayList<>(ClassifierSchema.data(0));
        all.add(optional(
                VIEW,
                new ParameterType.Word(List.of("crop", "centre")),
                "crop",
                "what the training sees of an image: random crops, or its centre, whose features are computed once"));
        all.add(optional(
                ClassifierSchema.LEARNING_RATE, ParameterType.Real.positive(), 1e-4, "before the first plateau"));
        all.add(optional(ClassifierSchema.EPOCHS, ClassifierSchema.COUNT, 50, "over the training part"));
        all.add(optional(ClassifierSchema.BATCH_SIZE, ClassifierSchema.COUNT, 64, "images of an optimiser step"));
        all.add(optional(BETA_1, ParameterType.Real.share(), 0.5, "Adam's first moment"));
        all.add(optional(BETA_2, ParameterType.Real.share(), 0.999, "Adam's second moment"));
        all.add(optional(WEIGHT_DECAY, ParameterType.Real.notNegative(), 1e-6, "of all weights"));
        all.add(optional(
                FACTOR, new ParameterType.Real(0, false, 1, false), 0.5, "of the learning rate after a plateau"));
        all.add(optional(
                PATIENCE,
                new ParameterType.Whole(0, 1 << 20),
                5,
                "epochs without a lower validation loss that are borne"));
        all.addAll(ClassifierSchema.model());
        return all;
    }

    @Override
    public TaskSchema schema() {
        return SCHEMA;
    }

    @Override
    public void check(TaskInput input) {
        checked(input).data();
    }

    private static ClassifierInput checked(TaskInput input) {
        ClassifierInput trial = new ClassifierInput(input, RULES);
        trial.check();
        long stored = trial.dataSet().images().shape().get(1);
        if (view(input) == LinearProbe.TrainView.CROP
                && stored <= trial.dataSet().header().imageSize()) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "view is crop, but the images of " + trial.name() + ", " + stored
                            + " pixels, have no margin; ingest it with --profile sense, or set view: centre");
        }
        return trial;
    }

    private static LinearProbe.TrainView view(TaskInput input) {
        return LinearProbe.TrainView.valueOf(input.word(VIEW).toUpperCase(Locale.ROOT));
    }

    @Override
    public TrainingJob open(TaskInput input, SortedMap<String, EncoderWeights> weights, TaskContext place) {
        ClassifierInput trial = checked(input);
        LinearProbe task = new LinearProbe(
                trial.encoder(),
                trial.scale(),
                view(input),
                trial.seed(),
                input.count(ClassifierSchema.EPOCHS),
                input.count(ClassifierSchema.BATCH_SIZE),
                input.real(ClassifierSchema.LEARNING_RATE),
                input.count(PATIENCE),
                input.real(FACTOR),
                new OptimizerSpec(
                        OptimizerSpec.Algorithm.ADAM,
                        input.real(BETA_1),
                        input.real(BETA_2),
                        1e-8,
                        input.real(WEIGHT_DECAY),
                        null));
        return task.open(
                trial.data(),
                weights.getOrDefault(ClassifierSchema.ENCODER, new EncoderWeights.Random()),
                place.artifactRoot(),
                place.resources(),
                place.effects(),
                encoded -> place.alive().run());
    }
}
