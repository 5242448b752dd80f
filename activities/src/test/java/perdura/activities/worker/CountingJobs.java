package perdura.activities.worker;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import perdura.activities.gpu.JobFactory;
import perdura.activities.gpu.RunRecipe;
import perdura.activities.gpu.RunStore;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.OnceEvent;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec;
import perdura.store.Run;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.StepDiagnostics;
import perdura.training.loop.TrainingJob;
import perdura.training.method.Methods;

/** A job without an engine: each step folds a hash into 64 numbers. */
final class CountingJobs implements JobFactory {
    static final long STEPS_PER_EPOCH = 200;
    static final long TOTAL_STEPS = 400;

    /** Long enough that a test meets a run in the middle; the processor stays free. */
    private static final Duration STEP = Duration.ofMillis(8);

    private final String engine;
    private final LongConsumer beforeStep;

    /**
     * @param engine the kind of engine that is told
     * @param beforeStep hears of each step before it begins
     */
    CountingJobs(String engine, LongConsumer beforeStep) {
        this.engine = engine;
        this.beforeStep = beforeStep;
    }

    /** Jobs whose steps take time, as on a device. */
    static CountingJobs slow() {
        return new CountingJobs("counting", step -> LockSupport.parkNanos(STEP.toNanos()));
    }

    @Override
    public RunRecipe read(Run run, RunStore store) {
        PretrainSpec spec = Methods.load().specs().readStored(run.identity().spec());
        return RunRecipe.pretraining(
                spec, run.binding().dataDigest(), context -> new CountingJob(spec.seed(), beforeStep));
    }

    @Override
    public String describeEngine(String device) {
        return engine + " on " + device;
    }

    /** Holds 64 numbers. */
    static class CountingJob implements TrainingJob {
        private final long seed;
        private final LongConsumer beforeStep;
        final long[] numbers = new long[64];

        CountingJob(long seed, LongConsumer beforeStep) {
            this.seed = seed;
            this.beforeStep = beforeStep;
        }

        @Override
        public long totalSteps() {
            return TOTAL_STEPS;
        }

        @Override
        public Position positionAfter(long step) {
            return new Position(1, (int) (step / STEPS_PER_EPOCH), step);
        }

        @Override
        public Map<String, Double> step(long step) {
            beforeStep.accept(step);
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = Seeds.hash64(seed, step, numbers[i]);
            }
            return Map.of("train/loss", 1.0 / (step + 1));
        }

        /** Every step has the same to tell. */
        @Override
        public StepDiagnostics stepEnded(long step) {
            return new StepDiagnostics(Map.of(), List.of(new OnceEvent("COUNTED", "stage 1", "since step " + step)));
        }

        @Override
        public TrainState copyState() {
            ByteBuffer data = ByteBuffer.allocate(numbers.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            data.asLongBuffer().put(numbers);
            HostTensor tensor =
                    new HostTensor("numbers", HostTensor.ElementType.I64, List.of((long) numbers.length), data);
            return TrainState.ofWeights(List.of(tensor));
        }

        @Override
        public void loadState(Position position, TrainState state) {
            ByteBuffer data = state.weights().get(0).data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
            data.asLongBuffer().get(numbers);
        }

        @Override
        public void close() {}
    }
}
