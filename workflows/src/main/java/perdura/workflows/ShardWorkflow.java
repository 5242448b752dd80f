package perdura.workflows;

import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/**
 * A part of a sweep's work, short enough for one history: asks the store for trials, runs each as one activity, and ends after
 * some hundred of them. It has no trials of its own. The workflow id is {@code sweep-<sweepId>-shard-<n>}.
 */
@WorkflowInterface
public interface ShardWorkflow {
    @WorkflowMethod
    ShardResult run(ShardInput input);

    /** Replaces the order that the shard works by. The store may have more trials than it said before. */
    @SignalMethod
    void order(ShardOrder order);

    /** The workflow id of a shard, from 1. */
    static String workflowId(String sweepId, int number) {
        return SweepWorkflow.workflowId(sweepId) + "-shard-" + number;
    }
}
