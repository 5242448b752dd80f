package perdura.workflows;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/**
 * A sweep: runs shards until the store has nothing more to give out. The workflow id is {@code sweep-<sweepId>}. If the history
 * is lost, a new workflow with the same input goes on with what the store says is missing. Cancelling the workflow is
 * {@link #cancel}.
 */
@WorkflowInterface
public interface SweepWorkflow {
    @WorkflowMethod
    SweepResult run(SweepInput input);

    /** Starts nothing more; what runs commits at its next step boundary and comes back. */
    @SignalMethod
    void pause();

    /** Goes on after {@link #pause}. */
    @SignalMethod
    void resume();

    /** Ends the sweep when what runs has ended. */
    @SignalMethod
    void stop();

    /** Ends the sweep when what runs has committed at its next step boundary. */
    @SignalMethod
    void cancel();

    /** The store's settings or trials have changed: reads them again. */
    @SignalMethod
    void changed();

    @QueryMethod
    SweepProgress progress();

    /** The workflow id of a sweep. */
    static String workflowId(String sweepId) {
        return "sweep-" + sweepId;
    }
}
