package perdura.activities.gpu;

import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.datasets.data.PairBatches;
import perdura.grids.spec.Position;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.StepDiagnostics;
import perdura.training.loop.TrainingJob;

/** A job that owns its batches. */
final class JobWithData implements TrainingJob {
    private static final Logger LOG = LoggerFactory.getLogger(JobWithData.class);

    private final TrainingJob job;
    private final PairBatches batches;
    private long steps;

    JobWithData(TrainingJob job, PairBatches batches) {
        this.job = job;
        this.batches = batches;
    }

    @Override
    public long totalSteps() {
        return job.totalSteps();
    }

    @Override
    public Position positionAfter(long step) {
        return job.positionAfter(step);
    }

    @Override
    public Map<String, Double> step(long step) {
        steps++;
        return job.step(step);
    }

    @Override
    public StepDiagnostics inspect(long step) {
        return job.inspect(step);
    }

    @Override
    public int samplesPerStep() {
        return job.samplesPerStep();
    }

    @Override
    public Duration waitedForData() {
        return batches.waited();
    }

    @Override
    public TrainState copyState() {
        LOG.info(
                "{} steps waited {} ms for their batches",
                steps,
                batches.waited().toMillis());
        return job.copyState();
    }

    @Override
    public void loadState(TrainState state) {
        job.loadState(state);
    }

    @Override
    public void close() {
        job.close();
        batches.close();
    }
}
