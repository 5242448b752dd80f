package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.activities.worker.TokenFolder.RunningActivity;
import perdura.datasets.synth.MimicCxrSynth;
import perdura.datasets.synth.SynthConfig;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.RunStatus;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.Metrics;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.testkit.FreshDatabase;
import perdura.training.method.Methods;
import perdura.workflows.PretrainWorkflow;

/** PRIOR's stage 1 on synthetic data through the real worker, killed in several ways: the bits stay the same. */
@Timeout(600)
class ITPretrain {
    @TempDir
    Path folder;

    private FreshDatabase postgres;
    private EmbeddedTemporal server;
    private Database database;
    private WorkerConfig config;
    private Runner runner;
    private PretrainSpec spec;
    private final List<Process> supervisors = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        postgres = FreshDatabase.create();
        DatabaseConfig databaseConfig = new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres");
        database = Database.open(databaseConfig, DurableEffects.counting(), Duration.ofSeconds(30));
        server = new EmbeddedTemporal();
        config = new WorkerConfig(
                server.config(),
                databaseConfig,
                null,
                null,
                folder.resolve("artifacts"),
                folder.resolve("work"),
                List.of("cpu"),
                WorkerConfig.HEARTBEAT_TIMEOUT,
                WorkerConfig.HEARTBEAT_THROTTLE,
                WorkerConfig.STALL_TIMEOUT,
                WorkerConfig.SHUTDOWN_GRACE);
        runner = new Runner(server.config());
        Path data = folder.resolve("data");
        MimicCxrSynth.write(data, SynthConfig.of(200, 5), done -> {});
        Path yaml = Files.writeString(folder.resolve("tiny.yaml"), """
                apiVersion: perdura/v1
                kind: Pretrain
                name: tiny
                experiment: test
                method: prior
                profile: tiny
                batchSize: 8
                data: {format: mimic-cxr, root: data}
                stages: [{stage: 1, epochs: 4, warmupSteps: 5}]
                commit: {every: 2s}
                """);
        spec = Methods.load().specs().read(yaml, List.of());
    }

    @AfterEach
    void stop() throws Exception {
        for (Process supervisor : supervisors) {
            supervisor.destroy();
            supervisor.waitFor();
        }
        runner.close();
        server.close();
        database.close();
        postgres.close();
    }

    @Test
    void killsOfSlotAndSupervisorLeaveTheBitsAlone() throws Exception {
        Process supervisor = startSupervisor();
        RunId undisturbed = createRun("undisturbed");
        PretrainWorkflow.Result expected = runner.start(undisturbed).result();
        assertThat(expected.status()).isEqualTo(RunStatus.FINISHED);

        RunId killed = createRun("killed");
        Runner.Started run = runner.start(killed);
        awaitLive(killed, 10);
        Duration slotRecovery = killAndAwaitNextStep(killed, List.of(trainingProcess()));

        awaitLive(killed, 25);
        List<ProcessHandle> both = List.of(supervisor.toHandle(), trainingProcess());
        both.forEach(ProcessHandle::destroyForcibly);
        long died = System.nanoTime();
        startSupervisor();
        PretrainWorkflow.Result result = run.result();

        System.err.printf(
                "slot killed -> next step: %.1f s; supervisor and slot killed -> finished: %.1f s%n",
                slotRecovery.toMillis() / 1e3, (System.nanoTime() - died) / 1e9);
        assertThat(result.stateDigest()).isEqualTo(expected.stateDigest());
        assertThat(result.step()).isEqualTo(expected.step());
        assertThat(new Metrics(database).listPoints(killed, "train/loss", 0))
                .extracting(MetricPoint::step)
                .containsExactlyElementsOf(
                        LongStream.range(0, expected.step()).boxed().toList());
        assertThat(slotRecovery).isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void sigtermCommitsAndExitsWithZero() throws Exception {
        Process supervisor = startSupervisor();
        RunId runId = createRun("handed-over");
        runner.start(runId);
        awaitLive(runId, 10);

        long asked = System.nanoTime();
        supervisor.destroy();
        assertThat(supervisor.waitFor()).isZero();

        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(30));
        Run run = new Runs(database).loadRun(runId);
        assertThat(run.progress().position().step()).isGreaterThanOrEqualTo(10);
        assertThat(new TokenFolder(config.workDir(), DurableEffects.counting()).list())
                .isEmpty();
    }

    private Duration killAndAwaitNextStep(RunId runId, List<ProcessHandle> processes) {
        long fence = new Runs(database).loadRun(runId).binding().fence();
        processes.forEach(ProcessHandle::destroyForcibly);
        long died = System.nanoTime();
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    Run run = new Runs(database).loadRun(runId);
                    return run.binding().fence() > fence && run.progress().live() != null;
                });
        return Duration.ofNanos(System.nanoTime() - died);
    }

    private void awaitLive(RunId runId, long step) {
        await().atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    Run.Live live = new Runs(database).loadRun(runId).progress().live();
                    return live != null && live.step() >= step;
                });
    }

    private ProcessHandle trainingProcess() {
        RunningActivity training = new TokenFolder(config.workDir(), DurableEffects.counting())
                .list().stream()
                        .filter(activity -> activity.activityType().equals("TrainSegment"))
                        .findFirst()
                        .orElseThrow();
        return ProcessHandle.of(training.process().pid()).orElseThrow();
    }

    private RunId createRun(String name) {
        RunId runId = new RunId(name);
        new Runs(database)
                .createRun(new NewRun(
                        runId,
                        new Run.Identity(
                                spec.experiment(),
                                name,
                                RunKind.PRETRAIN,
                                Methods.load().specs().write(spec),
                                Methods.load().specs().identity(spec),
                                spec.seed()),
                        Map.of(),
                        Map.of()));
        return runId;
    }

    private Process startSupervisor() throws IOException {
        Process supervisor = SupervisorProgram.start(config);
        supervisors.add(supervisor);
        return supervisor;
    }
}
