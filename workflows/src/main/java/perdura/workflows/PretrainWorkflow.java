package perdura.workflows;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunStatus;
import perdura.workflows.DataActivities.PreparedRun;

/**
 * One pre-training from its first step to its last. The workflow id is {@code pretrain-<runId>}. If the history is lost,
 * a new workflow with the same input goes on from the run's last commit.
 */
@WorkflowInterface
public interface PretrainWorkflow {
    @WorkflowMethod
    Result run(Input input);

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
    Progress progress();

    /** The workflow id of a run. */
    static String workflowId(String runId) {
        return "pretrain-" + runId;
    }

    /**
     * What a pre-training workflow starts from. The spec stays in the store.
     *
     * @param runId the run, which is in the store already
     * @param paused whether the run begins paused; carried over when the workflow continues as new
     * @param prepared what the data check found; null at the first start, carried over after that
     * @param slotQueue queue of the slot that holds the model in memory; null if there is none
     * @param prepareMillis spent so far on the preparation of the epoch that begins; carried over
     * @param combineMillis of these, spent on combining its shards; carried over
     */
    record Input(
            String runId,
            boolean paused,
            @Nullable PreparedRun prepared,
            @Nullable String slotQueue,
            long prepareMillis,
            long combineMillis) {
        /** The input of a first start. */
        public Input(String runId, boolean paused) {
            this(runId, paused, null, null, 0, 0);
        }
    }

    /**
     * How a pre-training ended.
     *
     * @param status FINISHED or KILLED
     * @param step optimiser steps committed
     * @param stateDigest SHA-256 of the final state, or empty when nothing was committed
     */
    record Result(String runId, RunStatus status, long step, String stateDigest) {}

    /**
     * What the workflow itself knows. Live figures are in the store.
     *
     * @param step optimiser steps at the end of the last segment
     * @param totalSteps optimiser steps of the whole plan, 0 while unknown
     * @param shardsDone shards of the epoch's preparation that are done, 0 in other phases
     * @param shards of the epoch's preparation, 0 in other phases
     */
    record Progress(Phase phase, long step, long totalSteps, int shardsDone, int shards) {
        /** Outside of the preparation of an epoch. */
        public Progress(Phase phase, long step, long totalSteps) {
            this(phase, step, totalSteps, 0, 0);
        }
    }

    /** What a run does now. */
    enum Phase {
        /** Waits for its DAG of Airflow. */
        AWAITING_DAG,
        /** Checks its data. */
        PREPARING,
        /** Computes what the next epoch needs before its first step. */
        PREPARING_EPOCH,
        TRAINING,
        PAUSED,
        STOPPING,
        DONE
    }
}
