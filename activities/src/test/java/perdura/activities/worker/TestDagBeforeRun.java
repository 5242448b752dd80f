package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.activities.io.airflow.AirflowConfig;
import perdura.activities.io.airflow.TestingAirflow;
import perdura.activities.io.airflow.TestingAirflow.Release;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;

/** A DAG of Airflow before a run, through the whole worker. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("try") // a worker works by being there
class TestDagBeforeRun {
    private TestingPlatform platform;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        platform = new TestingPlatform(folder);
    }

    @AfterAll
    void stop() throws IOException {
        platform.close();
    }

    @Test
    void aWaitOutlivesALateAirflowAndAStoppedWorker() throws IOException {
        int port = freePort();
        AirflowConfig config = new AirflowConfig(URI.create("http://127.0.0.1:" + port), "perdura", "geheim", null);
        Runner.Started run;
        try (RunningSupervisor worker = platform.startWorker("first", config)) {
            run = platform.startAfterDag("late", "ingest");
            awaitEvent(run.runId(), "AIRFLOW_AWAY");
            try (TestingAirflow airflow = new TestingAirflow(Release.TWO, port)) {
                awaitEvent(run.runId(), "AIRFLOW_RUN");
                assertThat(airflow.triggers()).containsOnlyKeys("perdura-late");
                assertThat(platform.run(run.runId()).progress().totalSteps()).isNull();
            }
        }
        try (TestingAirflow airflow = new TestingAirflow(Release.TWO, port)) {
            airflow.setState("perdura-late", "success");
            try (RunningSupervisor worker = platform.startWorker("second", config)) {
                assertThat(run.result().status()).isEqualTo(RunStatus.FINISHED);
            }
            assertThat(airflow.triggers()).isEmpty();
        }
        assertThat(platform.eventKinds(run.runId()))
                .filteredOn(kind -> kind.startsWith("AIRFLOW"))
                .startsWith("AIRFLOW_AWAY", "AIRFLOW_RUN")
                .endsWith("AIRFLOW_DONE");
    }

    @Test
    void manyWaitsKeepNoOtherRunWaitingAndAFailedDagFailsOnlyItsOwn() throws IOException {
        try (TestingAirflow airflow = new TestingAirflow(Release.THREE, 0);
                RunningSupervisor worker = platform.startWorker("many", airflow.config())) {
            List<Runner.Started> waiting = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                waiting.add(platform.startAfterDag("waits-" + i, "ingest"));
            }
            waiting.forEach(run -> awaitEvent(run.runId(), "AIRFLOW_RUN"));

            assertThat(platform.start("passes").result().status()).isEqualTo(RunStatus.FINISHED);
            airflow.setState("perdura-fails", "failed");
            RunId failing = platform.startAfterDag("fails", "ingest").runId();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> platform.run(failing).status() == RunStatus.FAILED);
            assertThat(platform.run(failing).outcome().errorCode()).isEqualTo("PREPARATION_FAILED");
            assertThat(platform.run(failing).outcome().errorMessage()).contains("/dags/ingest/runs/perdura-fails");

            for (Runner.Started run : waiting) {
                run.workflow().stop();
                assertThat(run.result().status()).isEqualTo(RunStatus.KILLED);
                assertThat(platform.run(run.runId()).status()).isEqualTo(RunStatus.KILLED);
            }
        }
    }

    private void awaitEvent(RunId runId, String kind) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> platform.eventKinds(runId).contains(kind));
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }
}
