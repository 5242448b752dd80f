package perdura.activities.worker;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import perdura.activities.gpu.JobFactory;
import perdura.activities.gpu.RunRecipe;
import perdura.activities.gpu.RunStore;
import perdura.grids.spec.Position;
import perdura.store.Run;
import perdura.training.checkpoint.TrainState;
import perdura.training.loop.StepDiagnostics;
import perdura.training.loop.TrainingJob;

/**
 * Real jobs, of which somebody hears of each step before it begins.
 *
 * @param beforeStep may throw
 */
record HookedJobs(JobFactory jobs, LongConsumer beforeStep) implements JobFactory {
    @Override
    public RunRecipe read(Run run, RunStore store) {
        RunRecipe real = jobs.read(run, store);
        return new RunRecipe(
                real.resources(),
                real.commit(),
                real.keptAtEnd(),
                real.resume(),
                real.failures(),
                real.dataDigest(),
                real.epochs(),
                context -> new HookedJob(real.opening().open(context), beforeStep));
    }

    @Override
    public String describeEngine(String device) {
        return "hooked on " + device;
    }

    /** @param beforeStep may throw */
    record HookedJob(TrainingJob job, LongConsumer beforeStep) implements TrainingJob {
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
            beforeStep.accept(step);
            return job.step(step);
        }

        @Override
        public void epochBegins(Position position) {
            job.epochBegins(position);
        }

        @Override
        public StepDiagnostics stepEnded(long step) {
            return job.stepEnded(step);
        }

        @Override
        public StepDiagnostics epochEnded(Position position) {
            return job.epochEnded(position);
        }

        @Override
        public Optional<String> selectionMetric() {
            return job.selectionMetric();
        }

        @Override
        public int samplesPerStep() {
            return job.samplesPerStep();
        }

        @Override
        public Duration waitedForData() {
            return job.waitedForData();
        }

        @Override
        public TrainState copyState() {
            return job.copyState();
        }

        @Override
        public void loadState(Position position, TrainState state) {
            job.loadState(position, state);
        }

        @Override
        public void close() {
            job.close();
        }
    }
}
