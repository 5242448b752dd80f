package perdura.benchmarks;

import java.util.List;
import java.util.Map;
import perdura.grids.spec.Position;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.TrainingJob;

/** A job whose steps return the same metrics and do nothing, to time the loop around them. */
final class EmptyJob implements TrainingJob {
    private final Map<String, Double> metrics;
    private long firstNanos;
    private long lastNanos;

    EmptyJob(Map<String, Double> metrics) {
        this.metrics = metrics;
    }

    /** From the first step to the last. */
    long wallNanos() {
        return lastNanos - firstNanos;
    }

    @Override
    public long totalSteps() {
        return Long.MAX_VALUE;
    }

    @Override
    public Position positionAfter(long step) {
        return new Position(1, 0, step);
    }

    @Override
    public Map<String, Double> step(long step) {
        lastNanos = System.nanoTime();
        if (step == 0) {
            firstNanos = lastNanos;
        }
        return metrics;
    }

    @Override
    public TrainState copyState() {
        return TrainState.ofWeights(List.of());
    }

    @Override
    public void loadState(Position position, TrainState state) {
        throw new UnsupportedOperationException("a benchmark never resumes");
    }

    @Override
    public void close() {}
}
