package perdura.experiments.submit;

import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowServiceException;
import perdura.workflows.SweepWorkflow;
import perdura.workflows.TaskQueues;

/** Starts and signals the workflow of a sweep. */
public final class SweepStarter {
    private final WorkflowClient client;
    private final WorkflowStates states;

    public SweepStarter(WorkflowClient client) {
        this.client = client;
        this.states = new WorkflowStates(client);
    }

    /** Starts the sweep's workflow; one that is running looks at the store again. */
    public void start(String sweepId) {
        SweepWorkflow workflow = client.newWorkflowStub(
                SweepWorkflow.class,
                WorkflowOptions.newBuilder()
                        .setWorkflowId(SweepWorkflow.workflowId(sweepId))
                        .setTaskQueue(TaskQueues.WORKFLOWS)
                        .setWorkflowIdReusePolicy(WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
                        .build());
        try {
            WorkflowClient.start(workflow::run, new SweepWorkflow.Input(sweepId));
        } catch (WorkflowExecutionAlreadyStarted e) {
            signal(sweepId, SweepWorkflow::changed);
        } catch (WorkflowServiceException e) {
            throw WorkflowStates.unavailable(e);
        }
    }

    /** Whether a workflow of this sweep is running. */
    public boolean isRunning(String sweepId) {
        return states.isRunning(SweepWorkflow.workflowId(sweepId));
    }

    /** What a sweep is told. */
    public interface Signal {
        void send(SweepWorkflow workflow);
    }

    /** Tells the sweep something; false if no workflow of it is running. */
    public boolean signal(String sweepId, Signal signal) {
        try {
            signal.send(client.newWorkflowStub(SweepWorkflow.class, SweepWorkflow.workflowId(sweepId)));
            return true;
        } catch (WorkflowNotFoundException e) {
            return false;
        } catch (WorkflowServiceException e) {
            throw WorkflowStates.unavailable(e);
        }
    }
}
