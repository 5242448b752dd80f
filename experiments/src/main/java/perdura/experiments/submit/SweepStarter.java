package perdura.experiments.submit;

import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowNotFoundException;
import java.util.function.Consumer;
import perdura.workflows.SweepWorkflow;

/** Starts and signals the workflow of a sweep. */
public final class SweepStarter {
    private final WorkflowStates states;

    public SweepStarter(WorkflowClient client) {
        this.states = new WorkflowStates(client);
    }

    /** Starts the sweep's workflow; one that is running looks at the store again. */
    public void start(String sweepId) {
        SweepWorkflow.Input input = new SweepWorkflow.Input(sweepId);
        boolean isNew = states.start(
                SweepWorkflow.class,
                SweepWorkflow.workflowId(sweepId),
                workflow -> WorkflowClient.start(workflow::run, input));
        if (!isNew) {
            signal(sweepId, SweepWorkflow::changed);
        }
    }

    /** Whether a workflow of this sweep is running. */
    public boolean isRunning(String sweepId) {
        return states.isRunning(SweepWorkflow.workflowId(sweepId));
    }

    /** Tells the sweep something; false if no workflow of it is running. */
    public boolean signal(String sweepId, Consumer<SweepWorkflow> signal) {
        try {
            states.signal(SweepWorkflow.class, SweepWorkflow.workflowId(sweepId), signal);
            return true;
        } catch (WorkflowNotFoundException e) {
            return false;
        }
    }
}
