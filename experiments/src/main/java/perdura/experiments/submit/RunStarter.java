package perdura.experiments.submit;

import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowNotFoundException;
import java.util.Optional;
import java.util.function.Consumer;
import perdura.grids.spec.Advice;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.workflows.PretrainWorkflow;

/** Starts and signals the workflow of a run. */
public final class RunStarter {
    private final WorkflowStates states;

    public RunStarter(WorkflowClient client) {
        this.states = new WorkflowStates(client);
    }

    /**
     * Starts the run's workflow; if one is running, that one goes on.
     *
     * @throws PerduraException SERVICE_UNAVAILABLE if Temporal does not take the call
     */
    public void start(RunId runId) {
        PretrainWorkflow.Input input = new PretrainWorkflow.Input(runId.value(), false);
        states.start(
                PretrainWorkflow.class,
                PretrainWorkflow.workflowId(runId.value()),
                workflow -> WorkflowClient.start(workflow::run, input));
    }

    /** Whether a workflow of this run is running. */
    public boolean isRunning(RunId runId) {
        return states.isRunning(PretrainWorkflow.workflowId(runId.value()));
    }

    /**
     * How far the preparation of an epoch is.
     *
     * @param done shards that are done; all of them while they are combined
     * @param shards at least 1
     */
    public record Preparation(int done, int shards) {}

    /**
     * The preparation that the run is in; empty if it is in none.
     *
     * @throws PerduraException SERVICE_UNAVAILABLE if Temporal does not answer
     */
    public Optional<Preparation> findPreparation(RunId runId) {
        return states.ask(
                        PretrainWorkflow.class, PretrainWorkflow.workflowId(runId.value()), PretrainWorkflow::progress)
                .filter(progress -> progress.shards() > 0)
                .map(progress -> new Preparation(progress.shardsDone(), progress.shards()));
    }

    public void pause(RunId runId) {
        signal(runId, PretrainWorkflow::pause);
    }

    public void resume(RunId runId) {
        signal(runId, PretrainWorkflow::resume);
    }

    public void stop(RunId runId) {
        signal(runId, PretrainWorkflow::stop);
    }

    private void signal(RunId runId, Consumer<PretrainWorkflow> signal) {
        try {
            states.signal(PretrainWorkflow.class, PretrainWorkflow.workflowId(runId.value()), signal);
        } catch (WorkflowNotFoundException e) {
            throw new PerduraException(
                    ErrorCode.NOT_FOUND,
                    "no workflow of run " + runId + " is running; start one with: " + Advice.RESUME.of(runId),
                    e);
        }
    }
}
