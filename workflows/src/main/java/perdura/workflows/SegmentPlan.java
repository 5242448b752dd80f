package perdura.workflows;

import perdura.workflows.DataActivities.PreparedRun;

/**
 * Where a segment ends: at the end of an epoch, after as many epochs as make a segment worth its bookkeeping; of a run whose epochs
 * are prepared, at the end of the first one.
 */
final class SegmentPlan {
    /** Below this many steps a segment takes in another epoch. */
    static final long FEWEST_STEPS = 200;

    private SegmentPlan() {}

    /** The step at which the segment that begins at {@code from} ends. */
    static long untilStep(long from, PreparedRun prepared) {
        long epoch = Math.max(1, prepared.stepsPerEpoch());
        long epochs = prepared.epochsArePrepared() ? from / epoch + 1 : (from + FEWEST_STEPS + epoch - 1) / epoch;
        return Math.min(epochs * epoch, prepared.totalSteps());
    }

    /** Whether the epoch that begins at this step may need a preparation. */
    static boolean isPrepared(long step, PreparedRun prepared) {
        return prepared.epochsArePrepared() && step % Math.max(1, prepared.stepsPerEpoch()) == 0;
    }
}
