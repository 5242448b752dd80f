package perdura.training.optim;

/**
 * The learning rate of a stage, per optimiser step: linear warm-up from {@code start} to {@code base}, then a cosine down
 * to {@code end} (prior.md 3). Steps count from 0 in each stage.
 *
 * @param total steps of the stage, at least 1
 * @param warmup steps of warm-up, at least 0; with {@code warmup >= total} the cosine is never reached
 */
public record WarmupCosine(long total, long warmup, double base, double start, double end) {
    public WarmupCosine {
        if (total < 1 || warmup < 0) {
            throw new IllegalArgumentException(
                    "a schedule needs total >= 1 and warmup >= 0, was total " + total + ", warmup " + warmup);
        }
    }

    /**
     * The rate that optimiser step {@code step} uses.
     *
     * @param step in [0, total)
     */
    public double rate(long step) {
        if (step < 0 || step >= total) {
            throw new IllegalArgumentException("step must be in [0, " + total + "), was " + step);
        }
        if (step < warmup) {
            return start + step * (base - start) / Math.max(warmup - 1, 1);
        }
        double done = (double) (step - warmup) / (total - warmup);
        return end + 0.5 * (base - end) * (1 + StrictMath.cos(Math.PI * done));
    }
}
