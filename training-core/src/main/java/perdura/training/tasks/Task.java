package perdura.training.tasks;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import perdura.grids.read.PretrainParameters;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.TaskSchema;
import perdura.grids.spec.TrialSpec;
import perdura.training.loop.TrainingJob;

/**
 * What a trial does. A task is one public class with a public constructor without arguments, and one line in
 * {@code META-INF/services/perdura.training.tasks.Task}.
 *
 * <p>Of each metric {@code m} of its schema a job reports {@code validation/m} at the last step of an epoch, and
 * {@code best/validation/m} and {@code test/m} at the last step of the run. Its positions count epochs.
 */
public interface Task {
    /** Its name, version, parameters and metrics. */
    TaskSchema schema();

    /** The metrics of its schema that a trial reports, where that depends on the trial's parameters. */
    default List<String> metrics(TrialSpec trial) {
        return schema().metrics();
    }

    /** The pre-training that must be finished before a trial begins, if the task's trials need one of their own. */
    default Optional<PretrainingRequirement> pretraining(TrialSpec trial) {
        return Optional.empty();
    }

    /**
     * Refuses what can't be trained, before anything starts. Reads no image and no weight.
     *
     * @throws PerduraException INVALID_SPEC or INVALID_DATA that names both things that don't fit
     */
    void check(TaskInput input);

    /**
     * A job at step 0. To be called by the thread that then drives the job.
     *
     * @param weights of the encoders of {@code input}, by path of their parameter
     * @throws PerduraException as {@link #check}, and for what only the data themselves tell; OUT_OF_MEMORY
     */
    TrainingJob open(TaskInput input, SortedMap<String, EncoderWeights> weights, TaskContext place);

    /**
     * A pre-training that a trial names by its settings. It has an identity of its own, and is run once for all trials that name an
     * equal one.
     *
     * @param choice what the trial says of it
     * @param dataset path of the parameter that names the data set which it learns; the trial itself doesn't see that one
     * @param encoder path under which the trial finds the encoder at the end of the chosen stage
     * @param others what beside the pre-training decides the trial's result, all defaults written out; references may be among them
     */
    public record PretrainingRequirement(
            PretrainParameters.Choice choice, String dataset, String encoder, Parameters others) {}
}
