package perdura.training.optim;

/**
 * The learning rate per epoch: a linear warm-up whose first epoch has a positive rate, then a cosine towards 0
 * (sense.md 3c).
 *
 * @param epochs epochs of the run, at least 1
 * @param warmup epochs of warm-up, at least 0
 */
public record EpochWarmupCosine(int epochs, int warmup, double base) {
    public EpochWarmupCosine {
        if (epochs < 1 || warmup < 0) {
            throw new IllegalArgumentException(
                    "a schedule needs epochs >= 1 and warmup >= 0, was epochs " + epochs + ", warmup " + warmup);
        }
    }

    /**
     * The rate of all steps of an epoch.
     *
     * @param epoch in [0, epochs)
     */
    public double rate(int epoch) {
        if (epoch < 0 || epoch >= epochs) {
            throw new IllegalArgumentException("epoch must be in [0, " + epochs + "), was " + epoch);
        }
        if (epoch < warmup) {
            return base * (epoch + 1) / warmup;
        }
        return base * 0.5 * (1 + StrictMath.cos(Math.PI * (epoch - warmup) / (epochs - warmup)));
    }
}
