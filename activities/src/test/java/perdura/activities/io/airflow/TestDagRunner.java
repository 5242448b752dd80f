package perdura.activities.io.airflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import perdura.activities.io.airflow.TestingAirflow.Fault;
import perdura.activities.io.airflow.TestingAirflow.Release;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec.AirflowSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.Events;
import perdura.store.Events.Event;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.testkit.FreshDatabase;
import perdura.workflows.AirflowActivities.FinishedDag;

@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TestDagRunner {
    private static final AirflowSpec INGEST = new AirflowSpec("ingest", Map.of("root", "/data"));

    private FreshDatabase postgres;
    private Database database;
    private TestingAirflow airflow;
    private RunId runId;
    private String dagRunId;
    private DagRunner runner;
    /** What happens at a beat, one after the other. */
    private final Queue<Runnable> beats = new ArrayDeque<>();

    @BeforeAll
    void startPostgres() throws IOException {
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
    }

    @AfterAll
    void stopPostgres() throws IOException {
        database.close();
        postgres.close();
    }

    @BeforeEach
    void start(TestInfo test) throws IOException {
        airflow = new TestingAirflow(Release.THREE, 0);
        runId = new RunId(test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT));
        dagRunId = "perdura-" + runId;
        new Runs(database)
                .createRun(new NewRun(
                        runId,
                        new Run.Identity("test", "a", RunKind.PRETRAIN, "{}", "0".repeat(64), 7),
                        Map.of(),
                        Map.of()));
        runner = new DagRunner(
                airflow.config(),
                AirflowClient.service(airflow.config(), DurableEffects.counting()),
                new Events(database),
                Duration.ofMillis(1));
        beats.clear();
    }

    @AfterEach
    void stop() {
        airflow.close();
    }

    private FinishedDag run() {
        return runner.run(runId, INGEST, Duration.ofSeconds(20), () -> {
            Runnable next = beats.poll();
            if (next != null) {
                next.run();
            }
        });
    }

    /** Beats before the version, the search for the DAG run, the look at the DAG and the trigger. */
    private void onFirstWait(Runnable... happenings) {
        for (int i = 0; i < 4; i++) {
            beats.add(() -> {});
        }
        beats.addAll(List.of(happenings));
    }

    private List<String> events() {
        return new Events(database).listEvents(runId).stream().map(Event::kind).toList();
    }

    @Test
    void triggersTheDagAndWaitsForIt() {
        onFirstWait(() -> airflow.setState(dagRunId, "running"), () -> airflow.setState(dagRunId, "success"));

        assertThat(run()).isEqualTo(new FinishedDag("ingest", dagRunId));

        assertThat(airflow.triggers()).containsOnlyKeys(dagRunId);
        assertThat(airflow.triggers().values())
                .extracting(body -> body.path("conf").toString())
                .containsExactly("{\"root\":\"/data\"}");
        assertThat(events()).containsExactly("AIRFLOW_RUN", "AIRFLOW_DONE");
        assertThat(new Events(database).listEvents(runId).get(0).detail())
                .endsWith(airflow.uri() + "/dags/ingest/runs/" + dagRunId);
    }

    @Test
    void anAttemptAfterADeathTakesTheDagRunUp() {
        onFirstWait(() -> {
            throw new CancellationException("the worker died");
        });
        assertThatThrownBy(this::run).isInstanceOf(CancellationException.class);
        airflow.setState(dagRunId, "success");

        assertThat(run().dagRunId()).isEqualTo(dagRunId);

        assertThat(airflow.calls().stream().filter("trigger"::equals)).hasSize(1);
        assertThat(events()).containsExactly("AIRFLOW_RUN", "AIRFLOW_DONE");
    }

    @Test
    void aTriggerWhoseAnswerIsLostIsNotRepeated() {
        airflow.failNext("trigger", Fault.CLOSED_AFTER);
        assertFails(ErrorCode.SERVICE_UNAVAILABLE, "didn't answer POST");
        airflow.setState(dagRunId, "success");

        run();

        assertThat(airflow.calls().stream().filter("trigger"::equals)).hasSize(1);
    }

    @Test
    void aFailureNamesTheTaskItsTryAndItsLog() {
        onFirstWait(() -> airflow.setState(dagRunId, "failed"));
        airflow.addFailedTask("load.images", -1, 3, "2026-11-25T16:54:33.749780Z");

        assertFails(
                ErrorCode.PREPARATION_FAILED,
                "task 'load.images' of DAG 'ingest' failed at try 3; its log: " + airflow.uri() + "/dags/ingest/runs/"
                        + dagRunId + "/tasks/load.images?try_number=3");
    }

    @Test
    void aDagRunThatWasMarkedAsFailedNamesItsPage() {
        airflow.setState(dagRunId, "failed");

        assertFails(
                ErrorCode.PREPARATION_FAILED, "without a failed task (marked by hand, or its time ran out): http://");
    }

    @Test
    void aClearedDagRunIsWaitedFor() {
        airflow.setState(dagRunId, "failed");
        assertFails(ErrorCode.PREPARATION_FAILED, "ingest");
        airflow.setState(dagRunId, "queued");
        onFirstWait(() -> airflow.setState(dagRunId, "success"));

        run();

        assertThat(airflow.triggers()).isEmpty();
    }

    @Test
    void aDeletedDagRunIsTriggeredAgainOnlyByAnotherAttempt() {
        onFirstWait(() -> airflow.setState(dagRunId, null));

        assertFails(ErrorCode.PREPARATION_FAILED, "was deleted in Airflow");

        assertThat(airflow.calls().stream().filter("trigger"::equals)).hasSize(1);
    }

    @Test
    void aPausedDagIsNotTriggeredButAWaitingRunOfItIsTakenUp() {
        airflow.addPausedDag("ingest");
        assertFails(ErrorCode.PREPARATION_FAILED, "is paused in Airflow");
        assertThat(airflow.triggers()).isEmpty();
        airflow.setState(dagRunId, "success");

        assertThat(run().dagRunId()).isEqualTo(dagRunId);
    }

    @Test
    void eachReasonWhyAirflowIsAwayIsToldOnce() {
        for (int i = 0; i < 3; i++) {
            airflow.failNext("version", Fault.UNAVAILABLE, Fault.BROKEN);
            assertFails(ErrorCode.SERVICE_UNAVAILABLE, "503");
            assertFails(ErrorCode.SERVICE_UNAVAILABLE, "500");
        }
        assertThat(events()).containsExactly("AIRFLOW_AWAY", "AIRFLOW_AWAY");
        airflow.setState(dagRunId, "success");
        run();
        airflow.failNext("version", Fault.UNAVAILABLE);
        assertFails(ErrorCode.SERVICE_UNAVAILABLE, "503");

        assertThat(events())
                .containsExactly("AIRFLOW_AWAY", "AIRFLOW_AWAY", "AIRFLOW_RUN", "AIRFLOW_DONE", "AIRFLOW_AWAY");
    }

    private void assertFails(ErrorCode code, String words) {
        assertThatThrownBy(this::run)
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(words);
    }
}
