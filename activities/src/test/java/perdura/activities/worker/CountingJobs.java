package perdura.activities.worker;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import perdura.activities.gpu.JobOpener;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.TrainingJob;
import perdura.training.seeds.Seeds;

/** A job without an engine: each step folds a hash into 64 numbers and takes some milliseconds. */
final class CountingJobs implements JobOpener {
    static final long STEPS_PER_EPOCH = 300;
    static final long TOTAL_STEPS = 600;
    private static final int WORK = 400_000;

    @Override
    public TrainingJob open(PretrainSpec spec, int threads, String device) {
        return new CountingJob(spec.seed());
    }

    @Override
    public String describeEngine(String device) {
        return "counting on " + device;
    }

    private static final class CountingJob implements TrainingJob {
        private final long seed;
        private final long[] numbers = new long[64];

        CountingJob(long seed) {
            this.seed = seed;
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
            for (int i = 0; i < WORK; i++) {
                int at = i % numbers.length;
                numbers[at] = Seeds.hash64(seed, step, numbers[at]);
            }
            return Map.of("train/loss", 1.0 / (step + 1));
        }

        @Override
        public TrainState copyState() {
            ByteBuffer data = ByteBuffer.allocate(numbers.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            data.asLongBuffer().put(numbers);
            HostTensor tensor =
                    new HostTensor("numbers", HostTensor.ElementType.I64, List.of((long) numbers.length), data);
            return new TrainState(List.of(tensor), List.of());
        }

        @Override
        public void loadState(TrainState state) {
            ByteBuffer data = state.weights().get(0).data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
            data.asLongBuffer().get(numbers);
        }

        @Override
        public void close() {}
    }
}
