package perdura.experiments.submit;

import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowOptions;
import perdura.grids.spec.RunId;
import perdura.workflows.PretrainWorkflow;
import perdura.workflows.TaskQueues;

/** Starts the workflows of pre-trainings. */
public final class PretrainStarter {
    private final WorkflowClient client;

    public PretrainStarter(WorkflowClient client) {
        this.client = client;
    }

    /**
     * Starts the run's workflow; if one is running, that one goes on.
     *
     * @throws io.temporal.client.WorkflowServiceException if Temporal does not take the call
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
        }
    }
}
