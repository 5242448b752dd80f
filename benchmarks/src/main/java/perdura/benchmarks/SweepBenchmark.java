package perdura.benchmarks;

import com.google.protobuf.util.Timestamps;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import perdura.activities.io.SweepActivitiesImpl;
import perdura.activities.worker.TemporalConnection;
import perdura.grids.read.ReferenceNames;
import perdura.grids.read.SweepJson;
import perdura.grids.read.SweepReader;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.Sha256;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.TrialKey;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.NewRun;
import perdura.store.NewSweep;
import perdura.store.NewTrial;
import perdura.store.SweepResults;
import perdura.store.Sweeps;
import perdura.training.task.Tasks;
import perdura.workflows.PretrainTimeouts;
import perdura.workflows.ShardWorkflow;
import perdura.workflows.ShardWorkflowImpl;
import perdura.workflows.SweepInput;
import perdura.workflows.SweepResult;
import perdura.workflows.SweepWorkflow;
import perdura.workflows.SweepWorkflowImpl;
import perdura.workflows.TaskQueues;

/**
 * A sweep of trials that train nothing, on the real Temporal server and on Postgres with fsync, with one worker in this process;
 * and Ray Tune with a grid of as many. Arguments: the binary of Temporal, trials (default 1000), slots, which run a trial each (default 2), a Python with
 * {@code ray[tune]} (default python3; {@code none} for no comparison).
 */
public final class SweepBenchmark {
    private static final int WARM_UP = 100;

    /** Trials in flight for each slot: while some are on their way to it or back, it has others. */
    private static final int WINDOW = 8;

    private final Database database;
    private final WorkflowClient client;
    private final int slots;

    private SweepBenchmark(Database database, WorkflowClient client, int slots) {
        this.database = database;
        this.client = client;
        this.slots = slots;
    }

    public static void main(String[] args) throws IOException {
        if (args.length == 0) {
            System.err.println("usage: SweepBenchmark TEMPORAL [TRIALS] [SLOTS] [PYTHON]");
            System.exit(2);
        }
        int trials = args.length > 1 ? Integer.parseInt(args[1]) : 1000;
        int slots = args.length > 2 ? Integer.parseInt(args[2]) : 2;
        String python = args.length > 3 ? args[3] : "python3";
        Path folder = Files.createTempDirectory("perdura-benchmark");
        try (ScratchTemporal server = new ScratchTemporal(args[0], folder);
                EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "on")
                        .setServerConfig("synchronous_commit", "on")
                        .start();
                Database database = Database.open(
                        new DatabaseConfig(
                                "jdbc:postgresql://localhost:" + postgres.getPort() + "/postgres",
                                "postgres",
                                "postgres"),
                        DurableEffects.counting(),
                        Duration.ofMinutes(1));
                TemporalConnection temporal = TemporalConnection.open(server.config(), Duration.ofMinutes(1))) {
            SweepBenchmark benchmark = new SweepBenchmark(database, temporal.client(), slots);
            WorkerFactory factory = benchmark.startWorker();
            benchmark.sweep("warm-up", WARM_UP);
            double ours = benchmark.measure(trials);
            factory.shutdownNow();
            factory.awaitTermination(10, TimeUnit.SECONDS);
            if (!python.equals("none")) {
                compare(python, folder, trials, slots, ours);
            }
        } finally {
            Radiographs.delete(folder);
        }
    }

    private WorkerFactory startWorker() {
        WorkerFactory factory = WorkerFactory.newInstance(client);
        Worker workflows = factory.newWorker(
                TaskQueues.WORKFLOWS,
                WorkerOptions.newBuilder()
                        .setDefaultDeadlockDetectionTimeout(8_000)
                        .setLocalActivityWorkerOnly(true)
                        .build());
        workflows.registerWorkflowImplementationFactory(
                SweepWorkflow.class, () -> new SweepWorkflowImpl(PretrainTimeouts.STANDARD));
        workflows.registerWorkflowImplementationFactory(
                ShardWorkflow.class, () -> new ShardWorkflowImpl(PretrainTimeouts.STANDARD));
        SweepActivitiesImpl sweeps =
                new SweepActivitiesImpl(database, Tasks.load().schemas(), run -> {});
        workflows.registerActivitiesImplementations(sweeps);
        factory.newWorker(TaskQueues.IO).registerActivitiesImplementations(sweeps);
        factory.newWorker(
                        TaskQueues.GPU,
                        WorkerOptions.newBuilder()
                                .setMaxConcurrentActivityExecutionSize(slots)
                                .build())
                .registerActivitiesImplementations(new RecordedTrials(database));
        factory.start();
        return factory;
    }

    private double measure(int trials) {
        System.out.printf("%d trials, %d slots, %d in flight, one worker%n", trials, slots, slots * WINDOW);
        long before = heapBytes();
        long start = System.nanoTime();
        SweepResult result = sweep("benchmark", trials);
        double seconds = (System.nanoTime() - start) / 1e9;
        long stored = new SweepResults(database).count(result.sweepId()).getOrDefault("FINISHED", 0L);
        List<Double> waits = new ArrayList<>();
        int longest = client.fetchHistory(SweepWorkflow.workflowId(result.sweepId()))
                .getEvents()
                .size();
        for (int shard = 1; shard <= result.tally().shards(); shard++) {
            List<HistoryEvent> events = client.fetchHistory(ShardWorkflow.workflowId(result.sweepId(), shard))
                    .getEvents();
            longest = Math.max(longest, events.size());
            waits.addAll(waits(events));
        }
        Collections.sort(waits);
        System.out.printf(
                "  ours      %8.1f trials/s, %.1f s, %d results in Postgres%n", trials / seconds, seconds, stored);
        System.out.printf(
                "  dispatch  %8.3f s p50, %.3f s p95 (goal: under 1)%n",
                waits.get(waits.size() / 2), waits.get(waits.size() * 95 / 100));
        System.out.printf(
                "  %d shards, longest history %d events, heap %d MB before and %d MB after%n",
                result.tally().shards(), longest, before >> 20, heapBytes() >> 20);
        return trials / seconds;
    }

    private SweepResult sweep(String name, int trials) {
        String id = submit(name, trials);
        return client.newWorkflowStub(
                        SweepWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setWorkflowId(SweepWorkflow.workflowId(id))
                                .setTaskQueue(TaskQueues.WORKFLOWS)
                                .build())
                .run(new SweepInput(id));
    }

    private String submit(String name, int trials) {
        SweepSpec spec = spec(name, trials);
        return new Sweeps(database)
                .create(
                        new NewSweep(spec, SweepJson.write(spec), name),
                        id -> new NewRun(id, "benchmark", name, "sweep", "{}", name, 1, Map.of(), Map.of()),
                        IntStream.range(0, trials).mapToObj(i -> trial(name, i)).iterator());
    }

    private SweepSpec spec(String name, int trials) {
        try {
            Path file = Files.createTempFile("sweep", ".yaml");
            Files.writeString(file, """
                    {apiVersion: perdura/v1, kind: Sweep, name: %s, experiment: benchmark, task: no-op, concurrency: %d,
                     matrix: {seeds: {from: 1, count: %d}}, objective: {metric: score, goal: max}}
                    """.formatted(name, slots * WINDOW, trials));
            SweepSpec spec = SweepReader.read(
                            file, List.of(), Tasks.load().schemas(), ReferenceNames.unchecked(), Long.MAX_VALUE)
                    .spec();
            Files.delete(file);
            return spec;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static NewTrial trial(String sweep, int number) {
        String key = Sha256.of((sweep + number).getBytes(StandardCharsets.UTF_8));
        return new NewTrial(
                new TrialKey(key),
                "no-op",
                number,
                "{\"parameters\":{\"value\":0.5},\"references\":{},\"seed\":\"%d\",\"task\":\"no-op\",\"taskVersion\":1}"
                        .formatted(number),
                "seed " + number);
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

    private static void compare(String python, Path folder, int trials, int slots, double ours) throws IOException {
        Optional<PythonProcess> ray = PythonProcess.start(
                python, folder, "ray_tune.py", List.of(Integer.toString(trials), Integer.toString(slots)));
        if (ray.isEmpty()) {
            System.out.println("  " + python + " has no ray[tune]: nothing to compare with");
            return;
        }
        try (PythonProcess process = ray.get()) {
            double theirs = trials / process.round();
            System.out.printf("  %s  %4.1f trials/s%n", process.version(), theirs);
            System.out.printf("  ratio     %8.1f (goal: at least 8)%n", ours / theirs);
        }
    }

    private static long heapBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
