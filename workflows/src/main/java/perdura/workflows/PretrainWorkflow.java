package perdura.workflows;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/**
 * One pre-training from its first step to its last. The workflow id is {@code pretrain-<runId>}. If the history is lost,
 * a new workflow with the same input goes on from the run's last commit.
 */
@WorkflowInterface
public interface PretrainWorkflow {
    @WorkflowMethod
    PretrainResult run(PretrainInput input);

    /** Ends the running segment at the next step boundary, commits, and waits. */
    @SignalMethod
    void pause();

    /** Goes on after {@link #pause}. */
    @SignalMethod
    void resume();

    /** Ends the run for good at the next step boundary; what is committed stays. The run becomes KILLED. */
    @SignalMethod
    void stop();

    @QueryMethod
    PretrainProgress progress();

    /** The workflow id of a run. */
    static String workflowId(String runId) {
        return "pretrain-" + runId;
    }
}
