package perdura.training.tasks;

import static perdura.grids.spec.ParameterSchema.optional;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.TaskSchema;
import perdura.training.checkpoint.StateNumbers;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.TrainingJob;

/**
 * Trains nothing: for trying out sweeps, and what happens when trials fail. Needs no data set. Its scores are a formula, see
 * {@link NoOpJob}.
 */
public final class NoOpTask implements Task {
    private static final TaskSchema SCHEMA = new TaskSchema(
            "no-op",
            1,
            List.of(
                    optional("value", new ParameterType.Real(0, true, 1, true), 0.5, "scores best at 0.7"),
                    optional("epochs", new ParameterType.Whole(1, 100_000), 1, "each with a score of its own"),
                    optional("steps", new ParameterType.Whole(1, 100_000), 1, "of an epoch"),
                    optional("sleepMillis", new ParameterType.Whole(0, 3_600_000), 0, "that a step takes"),
                    optional(
                            "fault",
                            new ParameterType.Word(List.of("none", "nan", "oom", "crash")),
                            "none",
                            "what happens in the middle: the loss is not a number, memory is full, or the process of the"
                                    + " first attempt dies")),
            List.of("score", "loss"));

    @Override
    public TaskSchema schema() {
        return SCHEMA;
    }

    @Override
    public void check(TaskInput input) {
        // Every value that the schema allows is right.
    }

    @Override
    public TrainingJob open(TaskInput input, SortedMap<String, EncoderWeights> weights, TaskContext place) {
        return new NoOpJob(
                new NoOpJob.Plan(
                        input.trial().seed(),
                        input.real("value"),
                        input.count("epochs"),
                        input.count("steps"),
                        input.whole("sleepMillis")),
                fault(input.word("fault"), place.attempt()));
    }

    private static NoOpJob.Fault fault(String word, long attempt) {
        return switch (word) {
            case "nan" -> NoOpJob.Fault.NAN;
            case "oom" -> NoOpJob.Fault.OUT_OF_MEMORY;
            case "crash" -> attempt == 1 ? NoOpJob.Fault.CRASH : NoOpJob.Fault.NONE;
            default -> NoOpJob.Fault.NONE;
        };
    }

    /**
     * A job without a model. After e epochs its score is {@code exp(-8 (value - 0.7)^2) (1 - exp(-e / 3)) + 0.01 (u - 0.5)}, where
     * u in [0, 1) is drawn from the seed; it is best at the last epoch. Its loss is 1 - score. Its state is a number that every step changes, so that
     * lost or repeated steps would be seen.
     */
    private static final class NoOpJob implements TrainingJob {
        private static final String STATE = "number";

        /** What goes wrong in the step in the middle. */
        enum Fault {
            NONE,
            NAN,
            OUT_OF_MEMORY,
            CRASH
        }

        /** @param sleepMillis that a step takes */
        record Plan(long seed, double value, int epochs, int stepsPerEpoch, long sleepMillis) {
            long totalSteps() {
                return (long) epochs * stepsPerEpoch;
            }
        }

        private final Plan plan;
        private final Fault fault;
        private final double offset;
        private long number;

        NoOpJob(Plan plan, Fault fault) {
            this.plan = plan;
            this.fault = fault;
            this.offset = 0.01 * (Seeds.stream(plan.seed, "no-op").nextDouble() - 0.5);
            this.number = Seeds.hash64(plan.seed, "no-op");
        }

        @Override
        public long totalSteps() {
            return plan.totalSteps();
        }

        @Override
        public Position positionAfter(long step) {
            return new Position(1, Math.toIntExact(step / plan.stepsPerEpoch), step);
        }

        @Override
        public Map<String, Double> step(long step) {
            if (step == totalSteps() / 2) {
                fail(step);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(plan.sleepMillis));
            number = Seeds.hash64(number, step);
            double score = score((step + 1.0) / plan.stepsPerEpoch);
            Map<String, Double> metrics = new LinkedHashMap<>();
            metrics.put("train/loss", 1 - score);
            if ((step + 1) % plan.stepsPerEpoch == 0) {
                put("validation", score, metrics);
            }
            if (step + 1 == totalSteps()) {
                metrics.put("best/epoch", plan.epochs - 1.0);
                put("best/validation", score, metrics);
                put("test", score, metrics);
            }
            return metrics;
        }

        private static void put(String prefix, double score, Map<String, Double> metrics) {
            metrics.put(prefix + "/score", score);
            metrics.put(prefix + "/loss", 1 - score);
        }

        private double score(double epochs) {
            double apart = plan.value - 0.7;
            return StrictMath.exp(-8 * apart * apart) * (1 - StrictMath.exp(-epochs / 3)) + offset;
        }

        private void fail(long step) {
            switch (fault) {
                case NONE -> {}
                case NAN ->
                    throw new PerduraException(
                            ErrorCode.TRAINING_DIVERGED, "step " + step + ": train/loss = NaN, as fault: nan asks for");
                case OUT_OF_MEMORY ->
                    throw new PerduraException(
                            ErrorCode.OUT_OF_MEMORY, "step " + step + ": the memory is full, as fault: oom asks for");
                case CRASH -> Runtime.getRuntime().halt(DurableEffects.HALTED);
            }
        }

        @Override
        public TrainState copyState() {
            return new TrainState(Map.of(STATE, List.of(StateNumbers.ofWhole(STATE, number))));
        }

        @Override
        public void loadState(Position position, TrainState state) {
            number = StateNumbers.readWhole(STATE, state.section(STATE), 1)[0];
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
