package perdura.benchmarks;

import io.temporal.client.WorkflowClient;
import io.temporal.worker.WorkerFactory;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import perdura.grids.spec.SweepStatus;
import perdura.store.SweepControl;
import perdura.workflows.SweepWorkflow;
import perdura.workflows.TrialActivities;
import perdura.workflows.TrialActivities.TrialInput;
import perdura.workflows.TrialActivities.TrialResult;

/**
 * How soon a sweep with very many trials in flight obeys: seconds from {@code perdura sweep pause} until the last trial begins, and
 * from {@code resume} until the next one does. Arguments: the binary of Temporal, trials in flight (default 2000), slots (default 2).
 */
public final class PauseBenchmark {
    /** Trials begin for so long before the pause. */
    private static final long WARM_SECONDS = 20;
    /** No trial begins for so long: the pause has come through. */
    private static final long QUIET_SECONDS = 10;

    private PauseBenchmark() {}

    public static void main(String[] args) throws IOException {
        if (args.length == 0) {
            System.err.println("usage: PauseBenchmark TEMPORAL [IN_FLIGHT] [SLOTS]");
            System.exit(2);
        }
        int inFlight = args.length > 1 ? Integer.parseInt(args[1]) : 2000;
        int slots = args.length > 2 ? Integer.parseInt(args[2]) : 2;
        try (SweepRig rig = new SweepRig(args[0])) {
            WatchedTrials trials = new WatchedTrials(new RecordedTrials(rig.database()));
            WorkerFactory factory = rig.startWorker(trials, slots);
            String id = rig.submit("paused", 5 * inFlight, inFlight);
            SweepWorkflow workflow = rig.workflow(id);
            WorkflowClient.start(workflow::run, new SweepWorkflow.Input(id));
            while (trials.count() == 0) {
                sleep(100);
            }
            sleep(1000 * WARM_SECONDS);
            SweepControl control = new SweepControl(rig.database());
            int before = trials.count();
            long paused = System.nanoTime();
            control.move(id, SweepStatus.PAUSED.before(), SweepStatus.PAUSED);
            workflow.pause();
            while (System.nanoTime() - Math.max(paused, trials.last()) < QUIET_SECONDS * 1_000_000_000) {
                sleep(50);
            }
            System.out.printf(
                    "%d in flight, %d slots: %d trials had begun, %d more after the pause, the last one %.2f s after it (goal: under 5)%n",
                    inFlight, slots, before, trials.count() - before, Math.max(0, (trials.last() - paused) / 1e9));
            int settled = trials.count();
            long resumed = System.nanoTime();
            control.move(id, SweepStatus.RUNNING.before(), SweepStatus.RUNNING);
            workflow.resume();
            while (trials.count() == settled) {
                sleep(10);
            }
            System.out.printf("resumed: the next trial began after %.2f s%n", (System.nanoTime() - resumed) / 1e9);
            SweepRig.stop(factory);
        }
    }

    private static void sleep(long millis) {
        LockSupport.parkNanos(1_000_000 * millis);
    }

    /** Knows when a trial last began. */
    private static final class WatchedTrials implements TrialActivities {
        private final TrialActivities trials;
        private final AtomicInteger count = new AtomicInteger();
        private final AtomicLong last = new AtomicLong();

        WatchedTrials(TrialActivities trials) {
            this.trials = trials;
        }

        int count() {
            return count.get();
        }

        long last() {
            return last.get();
        }

        @Override
        public TrialResult runTrial(TrialInput trial) {
            last.set(System.nanoTime());
            count.incrementAndGet();
            return trials.runTrial(trial);
        }
    }
}
