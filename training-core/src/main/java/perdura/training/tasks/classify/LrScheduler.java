package perdura.training.tasks.classify;

import perdura.training.optim.PlateauSchedule;
import perdura.training.optim.WarmupCosine;

/** How the learning rate goes. Each state is a value of its own. */
sealed interface LrScheduler {
    /** The rate of an optimiser step, 0-based in the run. */
    double rate(long step);

    /** The rule after one more epoch. */
    LrScheduler afterEpoch(double validationLoss);

    /** What a checkpoint must hold of it; as many numbers at any time. */
    double[] state();

    /** The rule with the state of a checkpoint. */
    LrScheduler withState(double[] state);

    /** Per step towards 0 (prior.md 4). A function of the step alone. */
    record Cosine(WarmupCosine schedule) implements LrScheduler {
        @Override
        public double rate(long step) {
            return schedule.rate(step);
        }

        @Override
        public LrScheduler afterEpoch(double validationLoss) {
            return this;
        }

        @Override
        public double[] state() {
            return new double[0];
        }

        @Override
        public LrScheduler withState(double[] state) {
            return this;
        }
    }

    /** Cut where the validation loss no longer falls (sense.md 4.2). */
    record Plateau(PlateauSchedule schedule) implements LrScheduler {
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
