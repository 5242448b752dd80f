package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temporal.client.WorkflowStub;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.activities.cpu.DataPlan;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.RunId;
import perdura.store.Attempt;
import perdura.store.Attempts;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.Event;
import perdura.store.Events;
import perdura.store.Metrics;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.workflows.PretrainResult;
import perdura.workflows.PretrainWorkflow;

/** The whole way of a run: workflow, supervisor, the process of a slot, store; only the engine is missing. */
@Timeout(120)
@SuppressWarnings("try") // a worker works by being there
class TestWorkerEndToEnd {
    private static final String SPEC = """
            {"apiVersion":"perdura/v1","kind":"Pretrain","name":"tiny","experiment":"test","method":"prior",\
            "profile":"tiny","seed":7,"data":{"root":"/nowhere","vocabulary":"/nowhere/vocab.txt"},\
            "commit":{"every":"1s"}}""";

    @TempDir
    static Path folder;

    private EmbeddedPostgres postgres;
    private EmbeddedTemporal server;
    private Runner runner;
    private Database database;
    private DatabaseConfig databaseConfig;

    @BeforeEach
    void start() throws IOException {
        postgres = EmbeddedPostgres.start();
        databaseConfig = new DatabaseConfig(postgres.getJdbcUrl("postgres", "postgres"), "postgres", "postgres");
        database = Database.open(databaseConfig, DurableEffects.counting(), Duration.ofSeconds(30));
        server = new EmbeddedTemporal();
        runner = new Runner(server.config());
    }

    @AfterEach
    void stop() throws IOException {
        runner.close();
        server.close();
        database.close();
        postgres.close();
    }

    @Test
    void aKilledSlotGoesOnWithinSecondsAndEndsWithTheSameBits() {
        RunId undisturbed = createRun("undisturbed");
        RunId killed = createRun("killed");
        try (RunningSupervisor worker = startWorker("a")) {
            String digest = result(startRun(undisturbed)).stateDigest();

            PretrainWorkflow workflow = startRun(killed);
            awaitStep(killed, 100);
            kill(worker.workDir);
            long died = System.nanoTime();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> new Attempts(database).listAttempts(killed).size() >= 2);
            long claimed = System.nanoTime();
            PretrainResult result = result(workflow);

            assertThat(result).isEqualTo(new PretrainResult(killed.value(), "FINISHED", 600, digest));
            assertThat(Duration.ofNanos(claimed - died)).isLessThan(Duration.ofSeconds(10));
            assertThat(new Metrics(database).listPoints(killed, "train/loss", 0))
                    .extracting(MetricPoint::step)
                    .containsExactlyElementsOf(LongStream.range(0, 600).boxed().toList());
            await().untilAsserted(() -> assertThat(new Events(database).listEvents(killed))
                    .extracting(Event::kind)
                    .contains("WORKER_DIED"));
        }
    }

    @Test
    void aStoppedWorkerCommitsAndTheNextOneGoesOn() {
        RunId runId = createRun("handed-over");
        PretrainWorkflow workflow;
        try (RunningSupervisor worker = startWorker("b")) {
            workflow = startRun(runId);
            awaitStep(runId, 50);
        }
        long step = new Runs(database).loadRun(runId).position().step();
        assertThat(step).isBetween(50L, 599L);
        try (RunningSupervisor worker = startWorker("c")) {
            assertThat(result(workflow).step()).isEqualTo(600);
        }
        List<Attempt> attempts = new Attempts(database).listAttempts(runId);
        assertThat(attempts)
                .extracting(Attempt::outcome)
                .startsWith("PREEMPTED")
                .doesNotContain("WORKER_DIED");
        assertThat(attempts.get(1).fromStep()).isEqualTo(step);
    }

    @Test
    void pauseAndResumeLeaveTheBitsAlone() {
        RunId runId = createRun("paused");
        try (RunningSupervisor worker = startWorker("d")) {
            PretrainWorkflow workflow = startRun(runId);
            awaitStep(runId, 50);
            workflow.pause();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> new Runs(database).loadRun(runId).paused());
            workflow.resume();
            assertThat(result(workflow).status()).isEqualTo("FINISHED");
            assertThat(new Runs(database).loadRun(runId).paused()).isFalse();
        }
    }

    private RunId createRun(String name) {
        RunId runId = new RunId(name);
        new Runs(database)
                .createRun(new NewRun(runId, "test", name, "pretrain", SPEC, "0".repeat(64), 7, Map.of(), Map.of()));
        return runId;
    }

    private PretrainWorkflow startRun(RunId runId) {
        return runner.start(runId).workflow();
    }

    private static PretrainResult result(PretrainWorkflow workflow) {
        return WorkflowStub.fromTyped(workflow).getResult(PretrainResult.class);
    }

    private void awaitStep(RunId runId, long step) {
        await().atMost(Duration.ofSeconds(60)).until(() -> liveStep(runId) >= step);
    }

    private long liveStep(RunId runId) {
        Run.Live live = new Runs(database).loadRun(runId).live();
        return live == null ? 0 : live.step();
    }

    private static void kill(Path workDir) {
        List<RunningActivity> training = new TokenFolder(workDir, DurableEffects.counting())
                .list().stream()
                        .filter(activity -> activity.activityType().equals("TrainSegment"))
                        .toList();
        assertThat(training).hasSize(1);
        ProcessHandle.of(training.get(0).process().pid()).orElseThrow().destroyForcibly();
    }

    private RunningSupervisor startWorker(String name) {
        WorkerConfig config = new WorkerConfig(
                server.config(),
                databaseConfig,
                null,
                folder.resolve("artifacts"),
                folder.resolve(name),
                List.of("cpu"),
                Duration.ofSeconds(60),
                Duration.ofMillis(500),
                Duration.ofMinutes(1),
                Duration.ofSeconds(20));
        DataPlan plan = new DataPlan("0".repeat(64), 100, CountingJobs.STEPS_PER_EPOCH, CountingJobs.TOTAL_STEPS);
        return new RunningSupervisor(new WorkerSupervisor(config, spec -> plan, CountingSlot.class.getName()), config);
    }

    /** A supervisor in a thread of the test. */
    private static final class RunningSupervisor implements AutoCloseable {
        private final WorkerSupervisor supervisor;
        private final Thread thread;
        final Path workDir;

        RunningSupervisor(WorkerSupervisor supervisor, WorkerConfig config) {
            this.supervisor = supervisor;
            this.workDir = config.workDir();
            this.thread = new Thread(
                    () -> {
                        try {
                            supervisor.run();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    },
                    "supervisor");
            thread.start();
        }

        @Override
        public void close() {
            supervisor.stop();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
