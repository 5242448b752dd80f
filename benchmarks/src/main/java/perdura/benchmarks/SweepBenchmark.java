package perdura.benchmarks;

import com.google.protobuf.util.Timestamps;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.worker.WorkerFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.TrialState;
import perdura.store.SweepResults;
import perdura.workflows.ShardWorkflow;
import perdura.workflows.SweepWorkflow;

/**
 * A sweep of trials that train nothing, on the real Temporal server and on Postgres with fsync, with one worker in this process;
 * the same by {@code perdura sweep submit} on the whole stack, if there is a launcher; and Ray Tune with a grid of as many, with a process for
 * each trial as is its default, and with processes that are used again. Arguments: the binary of Temporal, trials (default 1000), slots,
 * which run a trial each (default 2), a Python with {@code ray[tune]} (default python3; {@code none} for no comparison), the {@code perdura}
 * of a clone (default: none).
 */
public final class SweepBenchmark {
    private static final int WARM_UP = 100;

    /** Trials in flight for each slot: while some are on their way to it or back, it has others. */
    private static final int WINDOW = 8;

    private final SweepRig rig;
    private final int slots;

    private SweepBenchmark(SweepRig rig, int slots) {
        this.rig = rig;
        this.slots = slots;
    }

    public static void main(String[] args) throws IOException {
        if (args.length == 0) {
            System.err.println("usage: SweepBenchmark TEMPORAL [TRIALS] [SLOTS] [PYTHON] [PERDURA]");
            System.exit(2);
        }
        int trials = args.length > 1 ? Integer.parseInt(args[1]) : 1000;
        int slots = args.length > 2 ? Integer.parseInt(args[2]) : 2;
        String python = args.length > 3 ? args[3] : "python3";
        try (SweepRig rig = new SweepRig(args[0])) {
            SweepBenchmark benchmark = new SweepBenchmark(rig, slots);
            WorkerFactory factory = rig.startWorker(new SweepRig.RecordedTrials(rig.database()), slots);
            benchmark.sweep("warm-up", WARM_UP);
            double ours = benchmark.measure(trials);
            SweepRig.stop(factory);
            double asUsed = args.length > 4 ? measureStack(rig.folder(), Path.of(args[4]), trials, slots) : Double.NaN;
            if (!python.equals("none")) {
                compare(python, rig.folder(), trials, slots, "fresh", ours, asUsed);
                compare(python, rig.folder(), trials, slots, "reuse", ours, asUsed);
            }
        }
    }

    private double measure(int trials) {
        System.out.printf("%d trials, %d slots, %d in flight, one worker%n", trials, slots, slots * WINDOW);
        long before = heapBytes();
        long start = System.nanoTime();
        SweepWorkflow.Result result = sweep("benchmark", trials);
        double seconds = (System.nanoTime() - start) / 1e9;
        long stored = new SweepResults(rig.database()).count(result.sweepId()).getOrDefault(TrialState.FINISHED, 0L);
        List<Double> waits = new ArrayList<>();
        int longest = rig.client()
                .fetchHistory(SweepWorkflow.workflowId(result.sweepId()))
                .getEvents()
                .size();
        for (int shard = 1; shard <= result.tally().shards(); shard++) {
            List<HistoryEvent> events = rig.client()
                    .fetchHistory(ShardWorkflow.workflowId(result.sweepId(), shard))
                    .getEvents();
            longest = Math.max(longest, events.size());
            waits.addAll(waits(events));
        }
        Collections.sort(waits);
        System.out.printf(
                "  in this process, without slots %8.1f trials/s, %.1f s, %d results in Postgres%n",
                trials / seconds, seconds, stored);
        System.out.printf(
                "  dispatch  %8.3f s p50, %.3f s p95 (goal: under 1)%n",
                waits.get(waits.size() / 2), waits.get(waits.size() * 95 / 100));
        System.out.printf(
                "  %d shards, longest history %d events, heap %d MB before and %d MB after%n",
                result.tally().shards(), longest, before >> 20, heapBytes() >> 20);
        return trials / seconds;
    }

    private static double measureStack(Path folder, Path launcher, int trials, int slots) throws IOException {
        try (StackSweep stack = new StackSweep(folder, launcher, slots)) {
            stack.seconds("warm-up", slots);
            double seconds = stack.seconds("benchmark", trials);
            System.out.printf(
                    "  'perdura sweep submit' on the stack, %d slots  %8.1f trials/s, %.1f s%n",
                    slots, trials / seconds, seconds);
            return trials / seconds;
        }
    }

    private SweepWorkflow.Result sweep(String name, int trials) {
        String id = rig.submit(name, trials, slots * WINDOW);
        return rig.workflow(id).run(new SweepWorkflow.Input(id));
    }

    /** Seconds from the moment that a trial is handed to the service until a slot has it. */
    private static List<Double> waits(List<HistoryEvent> events) {
        Map<Long, Long> scheduled = new HashMap<>();
        List<Double> waits = new ArrayList<>();
        for (HistoryEvent event : events) {
            long millis = Timestamps.toMillis(event.getEventTime());
            if (event.hasActivityTaskScheduledEventAttributes()) {
                scheduled.put(event.getEventId(), millis);
            } else if (event.hasActivityTaskStartedEventAttributes()) {
                Long from = scheduled.get(
                        event.getActivityTaskStartedEventAttributes().getScheduledEventId());
                waits.add((millis - (from == null ? millis : from)) / 1e3);
            }
        }
        return waits;
    }

    private static void compare(
            String python, Path folder, int trials, int slots, String processes, double ours, double asUsed)
            throws IOException {
        List<String> arguments = List.of(Integer.toString(trials), Integer.toString(slots), processes);
        try (RoundProcess ray = RoundProcess.startScript(python, folder, "ray_tune.py", arguments)) {
            if (ray != null) {
                double theirs = trials / ray.seconds();
                System.out.printf(
                        "  %s, %s processes  %4.1f trials/s, ratio %4.1f (goal: at least 8), of 'sweep submit' %4.1f%n",
                        ray.name(), processes, theirs, ours / theirs, asUsed / theirs);
            }
        }
    }

    private static long heapBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
