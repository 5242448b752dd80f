package perdura.training.optim;

/**
 * A learning rate that is cut when a value, which should fall, has not improved for too long (sense.md 4.2). Agrees with
 * {@code torch.optim.lr_scheduler.ReduceLROnPlateau(mode="min", threshold=1e-4, threshold_mode="rel")}. Each state is a
 * record of its own, so that a checkpoint can hold it.
 *
 * @param rate the learning rate now
 * @param factor what a cut multiplies the rate with, in (0, 1)
 * @param patience values without improvement that are borne, at least 0
 * @param best least value so far; positive infinity before the first
 * @param badValues values in a row without improvement
 */
public record PlateauSchedule(double rate, double factor, int patience, double best, int badValues) {
    private static final double THRESHOLD = 1e-4;
    /** PyTorch makes no cut that changes the rate by less. */
    private static final double SMALLEST_CUT = 1e-8;

    public PlateauSchedule {
        if (!(rate > 0) || !(factor > 0 && factor < 1) || patience < 0) {
            throw new IllegalArgumentException(
                    "a plateau schedule needs rate > 0, factor in (0, 1), patience >= 0, was " + rate + ", " + factor
                            + ", " + patience);
        }
    }

    /** The state before the first value. */
    public static PlateauSchedule starting(double rate, double factor, int patience) {
        return new PlateauSchedule(rate, factor, patience, Double.POSITIVE_INFINITY, 0);
    }

    /** The state after one more value, one per epoch. NaN is no improvement. */
    public PlateauSchedule after(double value) {
        boolean improved = value < best * (1 - THRESHOLD);
        double newBest = improved ? value : best;
        int bad = improved ? 0 : badValues + 1;
        if (bad <= patience) {
            return new PlateauSchedule(rate, factor, patience, newBest, bad);
        }
        double cut = rate * factor;
        return new PlateauSchedule(rate - cut > SMALLEST_CUT ? cut : rate, factor, patience, newBest, 0);
    }
}
