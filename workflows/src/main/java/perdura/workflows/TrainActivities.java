package perdura.workflows;

import io.temporal.activity.ActivityInterface;
import org.jspecify.annotations.Nullable;

/** Activities of the queue {@code gpu}. */
@ActivityInterface
public interface TrainActivities {
    /**
     * Trains from the run's last commit up to a step. A run whose epochs are prepared trains at most to the end of the epoch that
     * its last commit is in; if the preparation of that epoch is missing, it does not train.
     */
    SegmentResult trainSegment(SegmentInput input);

    /**
     * The work of one training activity: from the run's last commit up to a step.
     *
     * @param untilStep the segment ends when this many optimiser steps are done and committed
     * @param prepareTime what the preparation of the segment's epoch took; null if nothing was prepared
     */
    record SegmentInput(
            String runId, long untilStep, @Nullable PrepareTime prepareTime) {
        /** A segment before which nothing was prepared. */
        public SegmentInput(String runId, long untilStep) {
            this(runId, untilStep, null);
        }
    }

    /**
     * What the preparation of an epoch took, pauses apart.
     *
     * @param seconds of the whole
     * @param combineSeconds of it, the step that combines the shards
     */
    record PrepareTime(double seconds, double combineSeconds) {}

    /**
     * How a segment ended. Everything it did is committed.
     *
     * @param step optimiser steps committed
     * @param stateDigest SHA-256 of the state at that step
     * @param slotQueue task queue of the slot that holds the model in memory
     * @param cancelled true if the segment ended early because it was asked to
     */
    record SegmentResult(String runId, long step, String stateDigest, String slotQueue, boolean cancelled) {}
}
