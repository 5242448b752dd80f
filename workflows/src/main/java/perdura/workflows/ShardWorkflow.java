package perdura.workflows;

import com.fasterxml.jackson.annotation.JsonProperty;
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
    Result run(Input input);

    /** Replaces the command that the shard works by. The store may have more trials than it said before. */
    @SignalMethod(name = "order")
    void command(Command command);

    /** The workflow id of a shard, from 1. */
    static String workflowId(String sweepId, int number) {
        return SweepWorkflow.workflowId(sweepId) + "-shard-" + number;
    }

    /**
     * What a shard starts from.
     *
     * @param execution the execution of the sweep's workflow, as the store knows it
     * @param slot place in the plan, from 0. The first one waits where there is nothing to do yet, the others end
     * @param order the first command
     */
    record Input(String sweepId, String execution, int slot, Command order) {}

    /**
     * What a shard did.
     *
     * @param assigned trials given to it
     * @param finished trials that ran to their end
     * @param held trials that early stopping has stopped
     * @param released trials that came back
     * @param failed trials that failed
     */
    record Result(Reason reason, int assigned, int finished, int held, int released, int failed) {}

    /** Why a shard ended. */
    enum Reason {
        /** It had its share: another one goes on. */
        QUOTA,
        /** The store has nothing for it now, and only what other shards run may bring it something. */
        DRY,
        /** The store gives nothing out any more. */
        CLOSED,
        /** It was told to. */
        ORDERED
    }

    /**
     * How a shard works.
     *
     * @param dispatch what it does with trials
     * @param window trials at once, at least 1
     * @param priority of trials that it starts, 1 to 5; 1 goes first
     * @param backoffMillis before the second attempt of a trial that it starts
     */
    record Command(Dispatch dispatch, int window, int priority, long backoffMillis) {}

    /** What a shard does with trials. In payloads the words are those of recorded histories. */
    enum Dispatch {
        /** It asks for trials and runs them. */
        @JsonProperty("GO")
        RUN,
        /** It starts none, and ends when those that run have ended. */
        DRAIN,
        /** It starts none, recalls those that run, and ends when they have committed. */
        @JsonProperty("RETURN")
        RECALL
    }
}
