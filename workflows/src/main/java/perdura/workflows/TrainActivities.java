package perdura.workflows;

import io.temporal.activity.ActivityInterface;

/** Activities of the queue {@code gpu}. */
@ActivityInterface
public interface TrainActivities {
    SegmentResult trainSegment(SegmentInput input);

    /**
     * The work of one training activity: from the run's last commit up to a step.
     *
     * @param untilStep the segment ends when this many optimiser steps are done and committed
     */
    record SegmentInput(String runId, long untilStep) {}

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
