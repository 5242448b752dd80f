package perdura.experiments.submit;

import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowServiceException;
import java.util.Optional;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.workflows.PretrainWorkflow;
import perdura.workflows.TaskQueues;

/** Starts and signals the workflow of a run. */
public final class RunStarter {
    private final WorkflowClient client;
    private final WorkflowStates states;

    public RunStarter(WorkflowClient client) {
        this.client = client;
        this.states = new WorkflowStates(client);
    }

    /**
     * Starts the run's workflow; if one is running, that one goes on.
     *
     * @throws PerduraException SERVICE_UNAVAILABLE if Temporal does not take the call
     */
    public void start(RunId runId) {
        PretrainWorkflow workflow = client.newWorkflowStub(
                PretrainWorkflow.class,
                WorkflowOptions.newBuilder()
                        .setWorkflowId(PretrainWorkflow.workflowId(runId.value()))
                        .setTaskQueue(TaskQueues.WORKFLOWS)
                        .setWorkflowIdReusePolicy(WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
                        .build());
        try {
            WorkflowClient.start(workflow::run, new PretrainWorkflow.Input(runId.value(), false));
        } catch (WorkflowExecutionAlreadyStarted e) {
            // Somebody was faster, or this very call was repeated: either way it runs.
            return;
        } catch (WorkflowServiceException e) {
            throw WorkflowStates.unavailable(e);
        }
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
        try {
            PretrainWorkflow.Progress progress = client.newWorkflowStub(
                            PretrainWorkflow.class, PretrainWorkflow.workflowId(runId.value()))
                    .progress();
            return progress.shards() == 0
                    ? Optional.empty()
                    : Optional.of(new Preparation(progress.shardsDone(), progress.shards()));
        } catch (WorkflowNotFoundException e) {
            return Optional.empty();
        } catch (WorkflowServiceException e) {
            throw WorkflowStates.unavailable(e);
        }
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

    private interface Signal {
        void send(PretrainWorkflow workflow);
    }

    private void signal(RunId runId, Signal signal) {
        try {
            signal.send(client.newWorkflowStub(PretrainWorkflow.class, PretrainWorkflow.workflowId(runId.value())));
        } catch (WorkflowNotFoundException e) {
            throw new PerduraException(
                    ErrorCode.NOT_FOUND,
                    "no workflow of run " + runId + " is running; start one with: perdura resume " + runId,
                    e);
        } catch (WorkflowServiceException e) {
            throw WorkflowStates.unavailable(e);
        }
    }
}
