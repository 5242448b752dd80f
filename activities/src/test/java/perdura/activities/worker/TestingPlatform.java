package perdura.activities.worker;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.activities.cpu.DataPreparation.DataPlan;
import perdura.activities.io.airflow.AirflowConfig;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.store.Attempt;
import perdura.store.Attempts;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.Events;
import perdura.store.Events.Event;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.testkit.FreshDatabase;

/** Postgres, the embedded Temporal service, and workers whose slots count instead of train. */
final class TestingPlatform implements AutoCloseable {
    private static final String SPEC = """
            {"apiVersion":"perdura/v1","kind":"Pretrain","name":"tiny","experiment":"test","method":"prior",\
            "profile":"tiny","seed":7,"data":{"root":"/nowhere","vocabulary":"/nowhere/vocab.txt"},\
            "commit":{"every":"300ms"}}""";

    private final Path folder;
    private final FreshDatabase postgres;
    private final DatabaseConfig databaseConfig;
    private final Database database;
    private final EmbeddedTemporal server;
    private final Runner runner;

    TestingPlatform(Path folder) throws IOException {
        this.folder = folder;
        postgres = FreshDatabase.create();
        databaseConfig = new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres");
        database = Database.open(databaseConfig, DurableEffects.counting(), Duration.ofSeconds(30));
        server = new EmbeddedTemporal();
        runner = new Runner(server.config());
    }

    Database database() {
        return database;
    }

    TemporalConfig temporal() {
        return server.config();
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
        return new RunningSupervisor(
                new WorkerSupervisor(
                        config, DurableEffects.counting(), database -> (spec, known, beat) -> plan, slot.getName()),
                config.workDir());
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
                folder.resolve("artifacts"),
                folder.resolve(name),
                List.of("cpu"),
                heartbeatTimeout,
                Duration.ofMillis(500),
                stallTimeout,
                Duration.ofSeconds(20));
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
