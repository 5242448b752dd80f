package perdura.benchmarks;

import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerOptions;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import perdura.activities.io.SweepActivitiesImpl;
import perdura.activities.worker.TemporalConfig;
import perdura.activities.worker.TemporalConnection;
import perdura.datasets.file.FileTree;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.read.SweepJson;
import perdura.grids.read.SweepReader;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.Sha256;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.TrialKey;
import perdura.store.Attempts;
import perdura.store.Commit;
import perdura.store.Commits;
import perdura.store.Database;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.StoredCheckpoint;
import perdura.store.SweepTrials;
import perdura.store.Sweeps;
import perdura.store.Sweeps.NewSweep;
import perdura.store.Sweeps.NewTrial;
import perdura.training.tasks.Tasks;
import perdura.workflows.ActivityTimeouts;
import perdura.workflows.ShardWorkflow;
import perdura.workflows.ShardWorkflowImpl;
import perdura.workflows.SweepWorkflow;
import perdura.workflows.SweepWorkflowImpl;
import perdura.workflows.TaskQueues;
import perdura.workflows.TrialActivities;
import perdura.workflows.TrialActivities.TrialInput;
import perdura.workflows.TrialActivities.TrialResult;

/** What sweeps run on: the real Temporal server, Postgres with fsync, and one worker in this process. All of it empty at first. */
final class SweepRig implements AutoCloseable {
    private final Path folder = Files.createTempDirectory("perdura-benchmark");
    private final Process server;
    private final ScratchPostgres postgres = new ScratchPostgres();
    private final TemporalConnection temporal;

    /** @param temporalProgram the binary that {@code perdura up} builds */
    @SuppressWarnings("this-escape")
    SweepRig(String temporalProgram) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        server = startServer(temporalProgram, port);
        temporal = TemporalConnection.open(TemporalConfig.plain("127.0.0.1:" + port), Duration.ofMinutes(1));
    }

    /** The Temporal server with an empty database, with the settings of the local stack. */
    private Process startServer(String program, int port) throws IOException {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(List.of(("server start-dev --headless --ip 127.0.0.1 --port " + port + " --log-level error"
                        + " --sqlite-pragma journal_mode=wal --sqlite-pragma synchronous=1"
                        + " --dynamic-config-value matching.enableFairness=true"
                        + " --dynamic-config-value matching.numTaskqueueReadPartitions=1"
                        + " --dynamic-config-value matching.numTaskqueueWritePartitions=1")
                .split(" ", -1)));
        command.addAll(List.of("--db-filename", folder.resolve("temporal.db").toString()));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    Path folder() {
        return folder;
    }

    Database database() {
        return postgres.database();
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
                new SweepActivitiesImpl(database(), Tasks.load().schemas(), run -> {});
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
        return new Sweeps(database())
                .create(
                        new NewSweep(spec, SweepJson.write(spec), name),
                        id -> new NewRun(
                                id,
                                new Run.Identity("benchmark", name, RunKind.SWEEP, "{}", name, 1),
                                Map.of(),
                                Map.of()),
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
        postgres.close();
        server.destroy();
        server.onExit().join();
        FileTree.delete(folder);
    }

    /** Trials that train nothing but leave all that a trial leaves in Postgres: run, attempt, commit, metrics, end. */
    static final class RecordedTrials implements TrialActivities {
        private final SweepTrials trials;
        private final Attempts attempts;
        private final Commits commits;

        RecordedTrials(Database database) {
            this.trials = new SweepTrials(database);
            this.attempts = new Attempts(database);
            this.commits = new Commits(database);
        }

        @Override
        public TrialResult runTrial(TrialInput trial) {
            RunId run = trials.begin(trial.sweepId(), trial.trialKey()).orElseThrow();
            long fence = attempts.claim(run, "benchmark", "none").fence();
            Instant now = Instant.now();
            commits.publish(new Commit(
                    run,
                    fence,
                    new Position(1, 1, 1),
                    "state",
                    new StoredCheckpoint.Files("file:///artifacts/" + run, "manifest", 1),
                    true,
                    List.of(
                            new MetricPoint("validation/score", 0.5, 0, now),
                            new MetricPoint("best/validation/score", 0.5, 0, now),
                            new MetricPoint("test/score", 0.5, 0, now))));
            attempts.endAttempt(run, fence, "COMPLETED", null);
            trials.finished(trial.sweepId(), trial.trialKey());
            return new TrialResult(trial.trialKey(), TrialActivities.Outcome.FINISHED);
        }
    }
}
