package perdura.training.tasks.pretrain;

import static perdura.grids.spec.ParameterSchema.required;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.grids.read.PretrainParameters;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.TaskSchema;
import perdura.grids.spec.TrialSpec;
import perdura.training.loop.TrainingJob;
import perdura.training.method.Methods;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.Task;
import perdura.training.tasks.Task.PretrainingRequirement;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.TaskInput;

/**
 * A pre-training judged by a downstream task: the trial is that task, with the encoder of a pre-training that the trial's
 * parameters describe. The trial's seed is the downstream one; the pre-training's is a parameter, so that all seeds share it.
 */
public final class PretrainTask implements Task {
    static final String DATASET = "dataset";

    private final PretrainParameters pretrain = Methods.load().specs().parameters();
    private final TaskSchema schema = new TaskSchema("pretrain", 2, parameters(), DownstreamChoice.metrics());

    private List<ParameterSchema> parameters() {
        List<ParameterSchema> all = new ArrayList<>();
        all.add(required(
                DATASET,
                new ParameterType.Reference(ParameterType.Reference.Kind.DATASET),
                "the ingested data set that the pre-training learns"));
        all.addAll(pretrain.schemas());
        all.addAll(DownstreamChoice.parameters());
        return all;
    }

    @Override
    public TaskSchema schema() {
        return schema;
    }

    /** Those of the downstream task. */
    @Override
    public List<String> metrics(TrialSpec trial) {
        return DownstreamChoice.of(trial).task().schema().metrics();
    }

    @Override
    public Optional<PretrainingRequirement> pretraining(TrialSpec trial) {
        PretrainParameters.Choice choice = pretrain.choose(trial.parameters());
        return Optional.of(new PretrainingRequirement(choice, DATASET, ClassifierSchema.ENCODER, others(trial)));
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
