package perdura.workflows;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.SweepStatus;

/**
 * A sweep: runs shards until the store has nothing more to give out. The workflow id is {@code sweep-<sweepId>}. If the history
 * is lost, a new workflow with the same input goes on with what the store says is missing. Cancelling the workflow is
 * {@link #cancel}.
 */
@WorkflowInterface
public interface SweepWorkflow {
    @WorkflowMethod
    Result run(Input input);

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
    Progress progress();

    /** The workflow id of a sweep. */
    static String workflowId(String sweepId) {
        return "sweep-" + sweepId;
    }

    /**
     * What a sweep's workflow starts from. Its grid and its settings stay in the store.
     *
     * @param sweepId the sweep, which is in the store already
     * @param sofar what earlier executions have counted; null at the first start, carried over when the workflow continues as new
     */
    record Input(String sweepId, @Nullable Tally sofar) {
        /** The input of a first start. */
        public Input(String sweepId) {
            this(sweepId, null);
        }
    }

    /**
     * How a sweep ended.
     *
     * @param status FINISHED, STOPPED or CANCELLED
     */
    record Result(String sweepId, SweepStatus status, Tally tally) {}

    /**
     * What the workflow itself knows. Live figures are in the store.
     *
     * @param concurrency trials at once, 0: as many as there are free slots
     * @param shards that run now
     * @param tally of the shards that have ended
     */
    record Progress(Phase phase, int concurrency, int shards, Tally tally) {}

    /**
     * What the shards of a sweep have done. A trial that is held or released and goes on later counts each time.
     *
     * @param shards started
     * @param assigned trials given out
     * @param finished trials that ran to their end
     * @param held trials that early stopping has stopped
     * @param released trials that came back
     * @param failed trials that failed
     */
    record Tally(int shards, long assigned, long finished, long held, long released, long failed) {
        static final Tally NONE = new Tally(0, 0, 0, 0, 0, 0);

        Tally withShard() {
            return new Tally(shards + 1, assigned, finished, held, released, failed);
        }

        Tally plus(ShardWorkflow.Result shard) {
            return new Tally(
                    shards,
                    assigned + shard.assigned(),
                    finished + shard.finished(),
                    held + shard.held(),
                    released + shard.released(),
                    failed + shard.failed());
        }
    }

    /** What a sweep does now. */
    enum Phase {
        /** Reads its settings. */
        OPENING,
        RUNNING,
        /** Starts nothing, and what ran has come back or is on its way. */
        PAUSED,
        /** Ends when what runs has ended. */
        STOPPING,
        /** Ends when what runs has committed. */
        CANCELLING,
        DONE
    }
}
