package perdura.benchmarks;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import perdura.grids.spec.Position;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.TrainingJob;

/** A job that keeps every core busy in each step and holds a state of a given size. It stands for a model of that size. */
class BusyJob implements TrainingJob {
    private static final int TENSORS = 64;

    private final int threads = Runtime.getRuntime().availableProcessors();
    private final List<HostTensor> weights = new ArrayList<>();
    private final List<HostTensor> moments = new ArrayList<>();
    private final int roundsPerStep;
    private final List<Long> stepNanos = new CopyOnWriteArrayList<>();

    /**
     * @param stateBytes weights and two moments together
     * @param roundsPerStep work of a step on each core
     */
    BusyJob(long stateBytes, int roundsPerStep) {
        this.roundsPerStep = roundsPerStep;
        int floats = (int) (stateBytes / 3 / TENSORS / 4);
        for (int i = 0; i < TENSORS; i++) {
            weights.add(tensor("layer" + i + ".weight", floats));
            moments.add(tensor("exp_avg.layer" + i + ".weight", floats));
            moments.add(tensor("exp_avg_sq.layer" + i + ".weight", floats));
        }
    }

    private static HostTensor tensor(String name, int floats) {
        ByteBuffer data = ByteBuffer.allocateDirect(4 * floats);
        for (int i = 0; i < floats; i++) {
            data.putFloat(4 * i, i * 1e-3f);
        }
        return new HostTensor(name, HostTensor.ElementType.F32, List.of((long) floats), data);
    }

    @Override
    public long totalSteps() {
        return 1_000_000_000L;
    }

    @Override
    public Position positionAfter(long step) {
        return new Position(1, 0, step);
    }

    @Override
    public Map<String, Double> step(long step) {
        long begun = System.nanoTime();
        double sum = IntStream.range(0, threads)
                .parallel()
                .mapToDouble(core -> work())
                .sum();
        stepNanos.add(System.nanoTime() - begun);
        return Map.of("train/loss", sum);
    }

    private double work() {
        double x = 0.5;
        for (int i = 0; i < roundsPerStep; i++) {
            x = 3.9 * x * (1 - x);
        }
        return x;
    }

    /** Duration of every step so far. May be asked by any thread. */
    List<Long> stepNanos() {
        return stepNanos;
    }

    TrainState state() {
        return TrainState.ofWeights(weights).with(TrainState.OPTIMIZER, moments);
    }

    @Override
    public TrainState copyState() {
        return TrainState.ofWeights(copy(weights)).with(TrainState.OPTIMIZER, copy(moments));
    }

    private static List<HostTensor> copy(List<HostTensor> tensors) {
        return tensors.stream()
                .map(tensor -> new HostTensor(
                        tensor.name(),
                        tensor.type(),
                        tensor.shape(),
                        ByteBuffer.allocateDirect(tensor.data().limit())
                                .put(tensor.data().duplicate())
                                .flip()))
                .toList();
    }

    @Override
    public void loadState(Position position, TrainState state) {
        throw new UnsupportedOperationException("a benchmark never resumes");
    }

    @Override
    public void close() {}
}
