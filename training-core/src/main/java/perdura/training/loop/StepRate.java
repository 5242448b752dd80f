package perdura.training.loop;

/** Steps per second, as a moving average of the steps' durations. */
final class StepRate {
    /** Weight of the newest step: about the last twenty count. */
    private static final double NEWEST = 0.1;

    private double meanNanos;

    /** The rate after one more step. */
    double after(long nanos) {
        meanNanos = meanNanos == 0 ? nanos : meanNanos + NEWEST * (nanos - meanNanos);
        return 1e9 / Math.max(meanNanos, 1);
    }
}
