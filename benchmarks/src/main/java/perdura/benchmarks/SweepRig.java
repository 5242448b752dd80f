package perdura.benchmarks;

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
import java.util.List;
import java.util.Map;
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
import perdura.store.Sweeps;
import perdura.training.tasks.Tasks;
import perdura.workflows.ActivityTimeouts;
import perdura.workflows.ShardWorkflow;
import perdura.workflows.ShardWorkflowImpl;
import perdura.workflows.SweepWorkflow;
import perdura.workflows.SweepWorkflowImpl;
import perdura.workflows.TaskQueues;
import perdura.workflows.TrialActivities;

/** What sweeps run on: the real Temporal server, Postgres with fsync, and one worker in this process. All of it empty at first. */
final class SweepRig implements AutoCloseable {
    private final Path folder = Files.createTempDirectory("perdura-benchmark");
    private final ScratchTemporal server;
    private final EmbeddedPostgres postgres;
    private final Database database;
    private final TemporalConnection temporal;

    /** @param temporalProgram the binary that {@code perdura up} builds */
    @SuppressWarnings("this-escape")
    SweepRig(String temporalProgram) throws IOException {
        server = new ScratchTemporal(temporalProgram, folder);
        postgres = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .start();
        database = Database.open(
                new DatabaseConfig(
                        "jdbc:postgresql://localhost:" + postgres.getPort() + "/postgres", "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofMinutes(1));
        temporal = TemporalConnection.open(server.config(), Duration.ofMinutes(1));
    }

    Path folder() {
        return folder;
    }

    Database database() {
        return database;
    }

    WorkflowClient client() {
        return temporal.client();
    }

    /**
     * Starts the worker.
     *
     * @param slots trials that it runs at once
     */
    WorkerFactory startWorker(TrialActivities trials, int slots) {
        WorkerFactory factory = WorkerFactory.newInstance(client());
        Worker workflows = factory.newWorker(
                TaskQueues.WORKFLOWS,
                WorkerOptions.newBuilder()
                        .setDefaultDeadlockDetectionTimeout(8_000)
                        .setLocalActivityWorkerOnly(true)
                        .build());
        workflows.registerWorkflowImplementationFactory(
                SweepWorkflow.class, () -> new SweepWorkflowImpl(ActivityTimeouts.STANDARD));
        workflows.registerWorkflowImplementationFactory(
                ShardWorkflow.class, () -> new ShardWorkflowImpl(ActivityTimeouts.STANDARD));
        SweepActivitiesImpl sweeps =
                new SweepActivitiesImpl(database, Tasks.load().schemas(), run -> {});
        workflows.registerActivitiesImplementations(sweeps);
        factory.newWorker(TaskQueues.IO).registerActivitiesImplementations(sweeps);
        factory.newWorker(
                        TaskQueues.GPU,
                        WorkerOptions.newBuilder()
                                .setMaxConcurrentActivityExecutionSize(slots)
                                .build())
                .registerActivitiesImplementations(trials);
        factory.start();
        return factory;
    }

    static void stop(WorkerFactory factory) {
        factory.shutdown(); // those that run end
        factory.awaitTermination(10, TimeUnit.SECONDS);
    }

    /** The workflow of a sweep, to be run. */
    SweepWorkflow workflow(String sweepId) {
        return client().newWorkflowStub(
                        SweepWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setWorkflowId(SweepWorkflow.workflowId(sweepId))
                                .setTaskQueue(TaskQueues.WORKFLOWS)
                                .build());
    }

    /**
     * Records a sweep of no-op trials.
     *
     * @param inFlight trials of it at once
     * @return its id
     */
    String submit(String name, int trials, int inFlight) {
        SweepSpec spec = spec(name, trials, inFlight);
        return new Sweeps(database)
                .create(
                        new NewSweep(spec, SweepJson.write(spec), name),
                        id -> new NewRun(id, "benchmark", name, "sweep", "{}", name, 1, Map.of(), Map.of()),
                        IntStream.range(0, trials).mapToObj(i -> trial(name, i)).iterator());
    }

    private static SweepSpec spec(String name, int trials, int inFlight) {
        try {
            Path file = Files.createTempFile("sweep", ".yaml");
            Files.writeString(file, """
                    {apiVersion: perdura/v1, kind: Sweep, name: %s, experiment: benchmark, task: no-op, concurrency: %d,
                     matrix: {seeds: {from: 1, count: %d}}, objective: {metric: score, goal: max}}
                    """.formatted(name, inFlight, trials));
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

    @Override
    public void close() throws IOException {
        temporal.close();
        database.close();
        postgres.close();
        server.close();
        Radiographs.delete(folder);
    }
}
