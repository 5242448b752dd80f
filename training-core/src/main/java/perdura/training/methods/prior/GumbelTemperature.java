package perdura.training.methods.prior;

import perdura.training.methods.prior.spec.ModelSpec.SpbSpec.TauSchedule;

/**
 * The temperature of the prototype bank's queries, per optimiser step (prior.md 2.7). Steps count from 0 at the first step of
 * the first stage that uses the bank, and through the following ones.
 *
 * @param total steps of these stages, at least 1
 * @param start temperature of step 0, greater than 0
 * @param end temperature that step {@code total} would have, greater than 0; unused by {@code FIXED}
 */
public record GumbelTemperature(TauSchedule schedule, long total, double start, double end) {
    public GumbelTemperature {
        if (total < 1 || !(start > 0) || !(end > 0)) {
            throw new IllegalArgumentException("a temperature needs total >= 1, start > 0 and end > 0, was total "
                    + total + ", start " + start + ", end " + end);
        }
    }

    /**
     * The temperature of a step.
     *
     * @param step in [0, total]
     */
    public double tau(long step) {
        if (step < 0 || step > total) {
            throw new IllegalArgumentException("step must be in [0, " + total + "], was " + step);
        }
        double done = (double) step / total;
        return switch (schedule) {
            case EXPONENTIAL -> start * StrictMath.pow(end / start, done);
            case LINEAR -> start - (start - end) * done;
            case FIXED -> start;
        };
    }
}
