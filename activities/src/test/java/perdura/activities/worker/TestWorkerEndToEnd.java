package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.Attempt;
import perdura.store.Metrics;
import perdura.workflows.PretrainWorkflow;

/** The whole way of a run: workflow, supervisor, the process of a slot, store; only the engine is missing. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("try") // a worker works by being there
class TestWorkerEndToEnd {
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
    void killsAndPausesLeaveTheBitsAlone() {
        try (RunningSupervisor worker = platform.startWorker("a")) {
            Runner.Started undisturbed = platform.start("undisturbed");
            String digest = undisturbed.result().stateDigest();
            assertThat(platform.attempts(undisturbed.runId()))
                    .extracting(attempt -> attempt.end().outcome())
                    .containsExactly("COMPLETED", "COMPLETED");
            assertThat(platform.eventKinds(undisturbed.runId()))
                    .as("every step has it to tell")
                    .containsExactly("COUNTED");

            Runner.Started killed = platform.start("killed");
            platform.awaitStep(killed.runId(), 50);
            platform.trainingProcess(worker).destroyForcibly();
            long died = System.nanoTime();
            platform.awaitAttempts(killed.runId(), 2);
            assertThat(Duration.ofNanos(System.nanoTime() - died)).isLessThan(Duration.ofSeconds(10));
            assertThat(killed.result()).isEqualTo(finished("killed", digest));
            assertEveryStepIsThereOnce(killed.runId());
            await().untilAsserted(() ->
                    assertThat(platform.eventKinds(killed.runId())).contains("WORKER_DIED"));
            assertThat(platform.eventKinds(killed.runId())).containsOnlyOnce("COUNTED");

            Runner.Started paused = platform.start("paused");
            platform.awaitStep(paused.runId(), 50);
            paused.workflow().pause();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> platform.run(paused.runId()).progress().paused());
            paused.workflow().resume();
            assertThat(paused.result()).isEqualTo(finished("paused", digest));
            assertThat(platform.run(paused.runId()).progress().paused()).isFalse();
        }
    }

    @Test
    void aStoppedWorkerCommitsAndTheNextOneGoesOn() {
        Runner.Started run;
        try (RunningSupervisor worker = platform.startWorker("b")) {
            run = platform.start("handed-over");
            platform.awaitStep(run.runId(), 50);
        }
        long step = platform.run(run.runId()).progress().position().step();
        assertThat(step).isBetween(50L, CountingJobs.TOTAL_STEPS - 1);
        try (RunningSupervisor worker = platform.startWorker("c")) {
            assertThat(run.result().step()).isEqualTo(CountingJobs.TOTAL_STEPS);
        }
        List<Attempt> attempts = platform.attempts(run.runId());
        assertThat(attempts)
                .extracting(attempt -> attempt.end().outcome())
                .startsWith("PREEMPTED")
                .doesNotContain("WORKER_DIED");
        assertThat(attempts.get(1).fromStep()).isEqualTo(step);
    }

    private void assertEveryStepIsThereOnce(RunId runId) {
        assertThat(new Metrics(platform.database()).listPoints(runId, "train/loss", 0))
                .extracting(MetricPoint::step)
                .containsExactlyElementsOf(
                        LongStream.range(0, CountingJobs.TOTAL_STEPS).boxed().toList());
    }

    private static PretrainWorkflow.Result finished(String runId, String digest) {
        return new PretrainWorkflow.Result(runId, RunStatus.FINISHED, CountingJobs.TOTAL_STEPS, digest);
    }
}
