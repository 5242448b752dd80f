package perdura.activities.worker;

import java.io.IOException;
import java.nio.file.Path;
import perdura.activities.gpu.JobFactory;
import perdura.activities.gpu.RunJobFactory;
import perdura.activities.gpu.RunRecipe;
import perdura.activities.gpu.RunRecipe.PreparedEpochs;
import perdura.activities.gpu.RunStore;
import perdura.store.Run;
import perdura.training.loop.TrainingJob;
import perdura.training.method.EpochPreparation;
import perdura.training.tasks.Tasks;

/** A real slot that logs each step and each shard which it begins, and halts where a test has left a mark ({@link ToyPreparation#killAt}). */
final class WatchedSlot {
    private WatchedSlot() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        SlotProgram.run(new WatchedJobs(new RunJobFactory(Tasks.load())));
    }

    private record WatchedJobs(JobFactory jobs) implements JobFactory {
        @Override
        public RunRecipe read(Run run, RunStore store) {
            RunRecipe real = jobs.read(run, store);
            PreparedEpochs epochs = real.epochs();
            return new RunRecipe(
                    real.resources(),
                    real.commit(),
                    real.keptAtEnd(),
                    real.resume(),
                    real.failures(),
                    real.dataDigest(),
                    epochs == null
                            ? null
                            : new PreparedEpochs(new WatchedShards(epochs.preparation()), epochs.stepsPerEpoch()),
                    context -> new HookedJobs.HookedJob(
                            real.opening().open(context),
                            step -> ToyPreparation.begin(context.artifactRoot(), "step " + step)));
        }

        @Override
        public String describeEngine(String device) {
            return jobs.describeEngine(device);
        }
    }

    private record WatchedShards(EpochPreparation real) implements EpochPreparation {
        @Override
        public int shards(long step) {
            return real.shards(step);
        }

        @Override
        public void computeShard(TrainingJob job, long step, int shard, Path kept, Runnable alive) throws IOException {
            ToyPreparation.begin(ToyPreparation.root(kept), "shard " + shard + " at " + step);
            real.computeShard(((HookedJobs.HookedJob) job).job(), step, shard, kept, alive);
        }

        @Override
        public void combine(Combination of, Path kept) throws IOException {
            real.combine(of, kept);
        }
    }
}
