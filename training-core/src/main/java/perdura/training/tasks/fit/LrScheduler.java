package perdura.training.tasks.fit;

import perdura.training.optim.PlateauSchedule;
import perdura.training.optim.WarmupCosine;

/** How the learning rate goes: a function of the step alone, or of what epochs gave. Each state is a value of its own. */
@FunctionalInterface
public interface LrScheduler {
    /**
     * From a rate down to 0, without warm-up, whatever is measured (prior.md 4).
     *
     * @param steps of the whole run
     */
    static LrScheduler cosine(long steps, double learningRate) {
        WarmupCosine cosine = new WarmupCosine(steps, 0, learningRate, learningRate, 0);
        return cosine::rate;
    }

    /** The rate of an optimiser step, 0-based in the run. */
    double rate(long step);

    /** The rule after one more epoch. */
    default LrScheduler afterEpoch(double validationLoss) {
        return this;
    }

    /** What a checkpoint must hold of it; as many numbers at any time. */
    default double[] state() {
        return new double[0];
    }

    /** The rule with the state of a checkpoint. */
    default LrScheduler withState(double[] state) {
        return this;
    }

    /** Cut where the validation loss no longer falls (sense.md 4.2). */
    public record Plateau(PlateauSchedule schedule) implements LrScheduler {
        @Override
        public double rate(long step) {
            return schedule.rate();
        }

        @Override
        public LrScheduler afterEpoch(double validationLoss) {
            return new Plateau(schedule.after(validationLoss));
        }

        @Override
        public double[] state() {
            return new double[] {schedule.rate(), schedule.best(), schedule.badValues()};
        }

        @Override
        public LrScheduler withState(double[] state) {
            return new Plateau(
                    new PlateauSchedule(state[0], schedule.factor(), schedule.patience(), state[1], (int) state[2]));
        }
    }
}
