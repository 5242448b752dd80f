package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temporal.client.WorkflowClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import perdura.activities.cpu.DataPreparation;
import perdura.activities.cpu.DataPreparation.DataPlan;
import perdura.activities.io.airflow.AirflowConfig;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthConfig;
import perdura.experiments.plan.SweepSubmission;
import perdura.experiments.submit.PretrainSubmission;
import perdura.experiments.submit.PretrainSubmission.Created;
import perdura.experiments.submit.RunStarter;
import perdura.experiments.submit.SweepStarter;
import perdura.grids.read.SweepReader;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.SweepExpansion;
import perdura.store.Attempt;
import perdura.store.Attempts;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.Events;
import perdura.store.Events.Event;
import perdura.store.Metrics;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.SweepResults;
import perdura.store.SweepResults.TrialRow;
import perdura.testkit.FreshDatabase;
import perdura.training.method.Methods;
import perdura.training.weights.WeightStore;
import perdura.workflows.PretrainWorkflow;
import perdura.workflows.SweepWorkflow;

/** Postgres, the embedded Temporal service, workers whose slots count instead of train, and workers that train what is submitted. */
final class TestingPlatform implements AutoCloseable {
    private static final String SPEC = """
            {"apiVersion":"perdura/v1","kind":"Pretrain","name":"tiny","experiment":"test","method":"prior",\
            "profile":"tiny","seed":7,"data":{"root":"/nowhere","vocabulary":"/nowhere/vocab.txt"},\
            "commit":{"every":"300ms"}}""";

    /** Begins every file of a pre-training. */
    private static final String TINY = """
            apiVersion: perdura/v1
            kind: Pretrain
            name: %1$s
            experiment: test
            method: %1$s
            profile: tiny
            data: {format: mimic-cxr, root: data}
            resources: {device: cpu, threads: 1}
            """;

    private final Path folder;
    private final Path artifacts;
    private final FreshDatabase postgres;
    private final DatabaseConfig databaseConfig;
    private final Database database;
    private final EmbeddedTemporal server;
    private final Runner runner;

    TestingPlatform(Path folder) throws IOException {
        this.folder = folder;
        artifacts = folder.resolve("artifacts");
        postgres = FreshDatabase.create();
        databaseConfig = new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres");
        database = Database.open(databaseConfig, DurableEffects.counting(), Duration.ofSeconds(30));
        server = new EmbeddedTemporal();
        runner = new Runner(server.config());
    }

    Database database() {
        return database;
    }

    WorkflowClient client() {
        return runner.client();
    }

    Path artifacts() {
        return artifacts;
    }

    Runner.Started start(String name) {
        return start(name, SPEC);
    }

    /** Starts a run that needs a DAG to have run. */
    Runner.Started startAfterDag(String name, String dag) {
        String prepare = "\"prepare\":{\"airflow\":{\"dag\":\"" + dag + "\"}},";
        return start(name, SPEC.replace("\"seed\"", prepare + "\"seed\""));
    }

    private Runner.Started start(String name, String spec) {
        RunId runId = new RunId(name);
        new Runs(database)
                .createRun(new NewRun(
                        runId,
                        new Run.Identity("test", name, RunKind.PRETRAIN, spec, "0".repeat(64), 7),
                        Map.of(),
                        Map.of()));
        return runner.start(runId);
    }

    RunningSupervisor startWorker(String name) {
        return startWorker(name, Duration.ofSeconds(60), Duration.ofMinutes(1), CountingSlot.class);
    }

    RunningSupervisor startWorker(String name, AirflowConfig airflow) {
        return startWorker(name, airflow, Duration.ofSeconds(60), Duration.ofMinutes(1), CountingSlot.class);
    }

    RunningSupervisor startWorker(String name, Duration heartbeatTimeout, Duration stallTimeout, Class<?> slot) {
        return startWorker(name, null, heartbeatTimeout, stallTimeout, slot);
    }

    private RunningSupervisor startWorker(
            String name,
            @Nullable AirflowConfig airflow,
            Duration heartbeatTimeout,
            Duration stallTimeout,
            Class<?> slot) {
        WorkerConfig config = config(name, airflow, heartbeatTimeout, stallTimeout);
        DataPlan plan = new DataPlan("0".repeat(64), 100, CountingJobs.STEPS_PER_EPOCH, CountingJobs.TOTAL_STEPS);
        return startWorker(config, opened -> (spec, known, beat) -> plan, slot);
    }

    /** A worker that ingests what a spec names, and trains in {@link WatchedSlot}s. */
    RunningSupervisor startIngesting(String name) {
        WorkerConfig config = config(name, null, Duration.ofSeconds(60), Duration.ofMinutes(1));
        return startWorker(
                config,
                opened -> WorkerSupervisor.ingestedData(opened, config, DurableEffects.counting()),
                WatchedSlot.class);
    }

    private static RunningSupervisor startWorker(
            WorkerConfig config, Function<Database, DataPreparation> data, Class<?> slot) {
        return new RunningSupervisor(
                new WorkerSupervisor(config, DurableEffects.counting(), data, slot.getName()), config.workDir());
    }

    /** Settings of a worker with one slot. */
    WorkerConfig config(String name) {
        return config(name, null, Duration.ofSeconds(15), Duration.ofMinutes(1));
    }

    private WorkerConfig config(
            String name, @Nullable AirflowConfig airflow, Duration heartbeatTimeout, Duration stallTimeout) {
        return new WorkerConfig(
                server.config(),
                databaseConfig,
                null,
                airflow,
                artifacts,
                folder.resolve(name),
                List.of("cpu"),
                heartbeatTimeout,
                Duration.ofMillis(500),
                stallTimeout,
                Duration.ofSeconds(20));
    }

    /** Writes synthetic MIMIC-CXR, the data of every {@link #spec}. */
    void writeData(int studies) {
        MimicCxrSynth.write(folder.resolve("data"), SynthConfig.of(studies, 3), done -> {});
    }

    /**
     * A pre-training on the profile tiny.
     *
     * @param own lines of YAML that the method has to itself
     * @param settings as {@code --set} takes them
     */
    PretrainSpec spec(String method, String own, String... settings) throws IOException {
        Path file = Files.writeString(folder.resolve(method + ".yaml"), TINY.formatted(method) + own);
        return Methods.load().specs().read(file, List.of(settings));
    }

    Created submit(PretrainSpec spec) {
        return submit(spec, null, null);
    }

    /** @param origin the run to fork from {@code fromStage} on, or null, and then {@code fromStage} is, too */
    Created submit(PretrainSpec spec, @Nullable Run origin, @Nullable Integer fromStage) {
        PretrainSubmission submission = new PretrainSubmission(() -> database, new WeightStore(artifacts));
        return submission.submit(submission.check(spec, origin, fromStage), new RunStarter(client()));
    }

    /** Submits a pre-training and waits for it. */
    Run finished(PretrainSpec spec) {
        return finished(submit(spec).runId());
    }

    /** Waits for a pre-training, which must succeed. */
    Run finished(RunId runId) {
        PretrainWorkflow.Result result =
                result(PretrainWorkflow.workflowId(runId.value()), PretrainWorkflow.Result.class);
        assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
        return run(runId);
    }

    /** Submits a sweep of one trial and waits for it, which must succeed. */
    Run onlyTrial(String yaml) throws IOException {
        String sweepId = submitSweep(Files.writeString(folder.resolve("sweep.yaml"), yaml));
        result(SweepWorkflow.workflowId(sweepId), SweepWorkflow.Result.class);

        List<TrialRow> trials = new SweepResults(database).list(sweepId);
        assertThat(trials).hasSize(1);
        Run trial = run(new RunId(String.valueOf(trials.get(0).runId())));
        assertThat(trial.status()).isEqualTo(RunStatus.FINISHED);
        return trial;
    }

    /**
     * Submits the sweep of a file, and starts its workflow.
     *
     * @param settings as {@code --set} takes them
     * @return its id
     */
    String submitSweep(Path file, String... settings) {
        SweepSubmission sweeps = new SweepSubmission(database, artifacts);
        SweepExpansion expansion = sweeps.read(
                file.toString(),
                (tasks, names) ->
                        SweepReader.read(file, List.of(settings), tasks.schemas(), names, SweepReader.MOST_TRIALS));
        String sweepId = sweeps.submit(expansion, sweeps.plan(expansion, false), false);
        new SweepStarter(client()).start(sweepId);
        return sweepId;
    }

    /** Waits for a workflow. */
    <R> R result(String workflowId, Class<R> type) {
        return client().newUntypedWorkflowStub(workflowId).getResult(type);
    }

    /** The values of a metric, by step. */
    List<Double> points(Run run, String key) {
        return new Metrics(database)
                .listPoints(run.runId(), key, 0).stream()
                        .map(MetricPoint::value)
                        .toList();
    }

    /** The process that trains for a worker. */
    ProcessHandle trainingProcess(RunningSupervisor worker) {
        return new TokenFolder(worker.workDir(), DurableEffects.counting())
                .list().stream()
                        .filter(activity -> activity.activityType().equals("TrainSegment"))
                        .findFirst()
                        .flatMap(activity -> ProcessHandle.of(activity.process().pid()))
                        .orElseThrow();
    }

    Run run(RunId runId) {
        return new Runs(database).loadRun(runId);
    }

    List<Attempt> attempts(RunId runId) {
        return new Attempts(database).listAttempts(runId);
    }

    List<String> eventKinds(RunId runId) {
        return new Events(database).listEvents(runId).stream().map(Event::kind).toList();
    }

    /** Waits until an attempt has trained up to a step. */
    void awaitStep(RunId runId, long step) {
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            Run.Live live = run(runId).progress().live();
            return live != null && live.step() >= step;
        });
    }

    void awaitAttempts(RunId runId, int count) {
        await().atMost(Duration.ofSeconds(60)).until(() -> attempts(runId).size() >= count);
    }

    @Override
    public void close() throws IOException {
        runner.close();
        server.close();
        database.close();
        postgres.close();
    }
}
