package perdura.training.tasks.pretrain;

import static perdura.grids.spec.ParameterSchema.nullable;
import static perdura.grids.spec.ParameterSchema.optional;
import static perdura.grids.spec.ParameterSchema.required;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.TaskSchema;
import perdura.grids.spec.TrialSpec;
import perdura.training.loop.TrainingJob;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.PretrainingRequirement;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.TaskInput;

/**
 * A pre-training judged by a downstream task: the trial is that task, with the encoder of a pre-training that the trial's
 * parameters describe. The trial's seed is the downstream one; the pre-training's is a parameter, so that all seeds share it.
 */
public final class PretrainTask implements Task {
    static final String DATASET = "dataset";
    static final String PROFILE = "pretrain.profile";

    /** Parameters of the pre-training, and where its spec has them. */
    private static final Map<String, String> SETTINGS = settings();

    private static final String STAGE = "pretrain.stage";

    private static final TaskSchema SCHEMA = new TaskSchema("pretrain", 1, parameters(), DownstreamChoice.metrics());

    private static Map<String, String> settings() {
        Map<String, String> paths = new TreeMap<>();
        paths.put("pretrain.seed", "seed");
        paths.put("pretrain.batchSize", "batchSize");
        paths.put("pretrain.batchChunk", "batchChunk");
        paths.put("pretrain.epochs", "stages.0.epochs");
        paths.put("pretrain.warmupSteps", "stages.0.warmupSteps");
        paths.put("pretrain.learningRate", "stages.0.learningRate");
        paths.put("pretrain.weightDecay", "optimizer.weightDecay");
        paths.put("pretrain.stage2.epochs", "stages.1.epochs");
        paths.put("pretrain.stage2.learningRate", "stages.1.learningRate");
        paths.put("pretrain.stage3.epochs", "stages.2.epochs");
        paths.put("pretrain.stage3.learningRate", "stages.2.learningRate");
        paths.put("pretrain.tau", "model.tau");
        paths.put("pretrain.dim", "model.dim");
        paths.put("pretrain.prototypes", "model.prototypes");
        paths.put("pretrain.dropout", "model.dropout");
        paths.put("pretrain.gather", "model.gather");
        paths.put("pretrain.lamActivation", "model.lamActivation");
        return paths;
    }

    private static List<ParameterSchema> parameters() {
        List<ParameterSchema> all = new ArrayList<>();
        all.add(required(
                DATASET,
                new ParameterType.Reference(ParameterType.Reference.Kind.DATASET),
                "the ingested data set that the pre-training learns"));
        all.add(optional(
                PROFILE,
                new ParameterType.Word(List.of("tiny", "small", "paper")),
                "paper",
                "the defaults of the pre-training; parameters of it that are null are as this says"));
        all.add(optional(
                STAGE,
                new ParameterType.Whole(1, 3),
                3,
                "the last stage of the plan, at whose end the encoder is taken"));
        all.add(ofProfile("seed", new ParameterType.Whole(0, ParameterType.Whole.GREATEST), "of the pre-training"));
        all.add(ofProfile("batchSize", new ParameterType.Whole(2, 1 << 20), "studies of an optimiser step"));
        all.add(ofProfile(
                "batchChunk",
                new ParameterType.Whole(2, 1 << 20),
                "of these that run through the model at a time; divides pretrain.batchSize"));
        all.add(ofProfile("epochs", ClassifierSchema.COUNT, "of stage 1"));
        all.add(ofProfile(
                "warmupSteps", new ParameterType.Whole(0, Integer.MAX_VALUE), "of the learning rate of stage 1"));
        all.add(ofProfile("learningRate", ParameterType.Real.positive(), "of stage 1, after its warm-up"));
        for (String stage : List.of("stage2", "stage3")) {
            all.add(ofProfile(stage + ".epochs", ClassifierSchema.COUNT, "of that stage, if the plan has it"));
            all.add(ofProfile(
                    stage + ".learningRate", ParameterType.Real.positive(), "of that stage, if the plan has it"));
        }
        all.add(ofProfile("weightDecay", ParameterType.Real.notNegative(), "of all weights"));
        all.add(ofProfile("tau", ParameterType.Real.positiveShare(), "initial temperature of both contrasts"));
        all.add(ofProfile("dim", ClassifierSchema.COUNT, "joint width of images and reports"));
        all.add(ofProfile("prototypes", ClassifierSchema.COUNT, "of the sentence prototype memory"));
        all.add(ofProfile("dropout", ParameterType.Real.share(), "of the text encoder"));
        all.add(ofProfile(
                "gather", new ParameterType.Word(List.of("attention", "mean")), "how tokens become sentences"));
        all.add(ofProfile(
                "lamActivation",
                new ParameterType.Word(List.of("sigmoid", "softmax")),
                "what turns the logits of local alignment into weights"));
        all.addAll(DownstreamChoice.parameters());
        return all;
    }

    private static ParameterSchema ofProfile(String name, ParameterType type, String meaning) {
        return nullable("pretrain." + name, type, meaning + "; null: as the profile says");
    }

    @Override
    public TaskSchema schema() {
        return SCHEMA;
    }

    /** Those of the downstream task. */
    @Override
    public List<String> metrics(TrialSpec trial) {
        return DownstreamChoice.of(trial).task().schema().metrics();
    }

    @Override
    public Optional<PretrainingRequirement> pretraining(TrialSpec trial) {
        List<String> settings = new ArrayList<>();
        int stage =
                Math.toIntExact((Long) Objects.requireNonNull(trial.parameters().value(STAGE)));
        settings.add("stages=" + plan(stage));
        SETTINGS.forEach((parameter, path) -> {
            Object value = trial.parameters().value(parameter);
            if (value != null) {
                settings.add(path + "=" + value);
            }
        });
        return Optional.of(new PretrainingRequirement(
                String.valueOf(trial.parameters().value(PROFILE)),
                DATASET,
                settings,
                stage,
                ClassifierSchema.ENCODER,
                others(trial)));
    }

    /** The stages up to one, in YAML; what they lack is the profile's. */
    private static String plan(int stage) {
        return IntStream.rangeClosed(1, stage)
                .mapToObj(number -> "{stage: " + number + "}")
                .collect(Collectors.joining(", ", "[", "]"));
    }

    /** A default of the downstream task that is written out is the same trial. */
    private static Parameters others(TrialSpec trial) {
        DownstreamChoice downstream = DownstreamChoice.of(trial);
        TreeMap<String, @Nullable Object> own = new TreeMap<>();
        downstream.resolved().values().forEach((path, value) -> own.put(DownstreamChoice.PREFIX + path, value));
        own.put(DownstreamChoice.TASK, downstream.task().schema().name());
        own.put(DownstreamChoice.VERSION, (long) downstream.task().schema().version());
        return new Parameters(own);
    }

    @Override
    public void check(TaskInput input) {
        DownstreamChoice downstream = DownstreamChoice.of(input.trial());
        downstream.requireOwnParameters();
        downstream.task().check(downstream.input(input));
    }

    @Override
    public TrainingJob open(TaskInput input, SortedMap<String, EncoderWeights> weights, TaskContext place) {
        DownstreamChoice downstream = DownstreamChoice.of(input.trial());
        return downstream.task().open(downstream.input(input), weights, place);
    }
}
