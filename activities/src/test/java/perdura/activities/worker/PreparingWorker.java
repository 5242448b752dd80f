package perdura.activities.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import perdura.activities.cpu.DataPreparation;
import perdura.activities.cpu.DataPreparation.DataPlan;
import perdura.activities.gpu.JobContext;
import perdura.activities.gpu.JobFactory;
import perdura.activities.gpu.RunRecipe;
import perdura.activities.gpu.RunStore;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.PretrainSpec;
import perdura.store.Run;
import perdura.training.method.EpochPreparation;
import perdura.training.method.Methods;

/** A worker in a process of its own, whose runs count and have their epochs prepared by {@link ToyPreparation}. */
final class PreparingWorker {
    private static final long STEP_NANOS = 2_000_000;

    private PreparingWorker() {}

    static Process start(WorkerConfig config) throws IOException {
        return SupervisorProgram.start(config, PreparingWorker.class);
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        WorkerConfig config = SlotSettings.read(in).worker();
        DataPreparation data = new ToyData();
        new WorkerSupervisor(config, DurableEffects.counting(), database -> data, ToySlot.class.getName()).run();
    }

    /** Process of a slot of such a worker. */
    static final class ToySlot {
        private ToySlot() {}

        public static void main(String[] args) throws IOException, InterruptedException {
            SlotProgram.run(new ToyJobs());
        }
    }

    private static final class ToyData implements DataPreparation {
        @Override
        public DataPlan prepare(PretrainSpec spec, @Nullable String knownDigest, Runnable beat) {
            return new DataPlan("0".repeat(64), 100, CountingJobs.STEPS_PER_EPOCH, CountingJobs.TOTAL_STEPS);
        }

        @Override
        public EpochPreparation epochs(PretrainSpec spec, long stepsPerEpoch) {
            return new ToyPreparation();
        }
    }

    private static final class ToyJobs implements JobFactory {
        @Override
        public RunRecipe read(Run run, RunStore store) {
            PretrainSpec spec = Methods.load().specs().readStored(run.identity().spec());
            return RunRecipe.pretraining(spec, run.binding().dataDigest(), context -> new ToyJob(spec.seed(), context))
                    .with(new RunRecipe.PreparedEpochs(new ToyPreparation(), CountingJobs.STEPS_PER_EPOCH));
        }

        @Override
        public String describeEngine(String device) {
            return "toy on " + device;
        }
    }

    /** Folds what was prepared for the epoch into the numbers at each step. */
    private static final class ToyJob extends CountingJobs.CountingJob {
        private final JobContext context;

        ToyJob(long seed, JobContext context) {
            super(seed, step -> LockSupport.parkNanos(STEP_NANOS));
            this.context = context;
        }

        @Override
        public Map<String, Double> step(long step) {
            long begin = step - step % CountingJobs.STEPS_PER_EPOCH;
            try {
                numbers[0] = Seeds.hash64(
                        step, numbers[0], ToyPreparation.read(context.prepared().folder(begin)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return super.step(step);
        }
    }
}
