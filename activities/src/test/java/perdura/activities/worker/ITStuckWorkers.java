package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.Attempt;
import perdura.store.Metrics;
import perdura.workflows.PretrainWorkflow;

/** Processes that stand still without dying: what they left undone is done elsewhere, and they leave no trace. */
@Timeout(180)
@SuppressWarnings("try") // a worker works by being there
class ITStuckWorkers {
    private static final Duration USUAL_HEARTBEAT = Duration.ofSeconds(60);
    private static final Duration USUAL_STALL = Duration.ofMinutes(5);

    @TempDir
    Path folder;

    private TestingPlatform platform;

    @BeforeEach
    void start() throws IOException {
        platform = new TestingPlatform(folder);
    }

    @AfterEach
    void stop() throws IOException {
        platform.close();
    }

    @Test
    void aProcessWhoseStepHangsEndsAndTheRunGoesOn() {
        String digest = undisturbedDigest();
        try (RunningSupervisor worker =
                platform.startWorker("a", USUAL_HEARTBEAT, Duration.ofSeconds(3), HangingSlot.class)) {
            Runner.Started stuck = platform.start("stuck");

            assertThat(stuck.result()).isEqualTo(finished(stuck.runId(), digest));

            List<Attempt> attempts = platform.attempts(stuck.runId());
            assertThat(attempts.get(0).end().outcome()).isEqualTo("STALLED");
            assertThat(attempts.get(1).worker()).isNotEqualTo(attempts.get(0).worker());
            assertThat(platform.eventKinds(stuck.runId())).contains("CLAIMED");
            assertEveryStepIsThereOnce(stuck.runId());
        }
    }

    @Test
    void aProcessThatWakesUpTooLateIsRefused() throws Exception {
        String digest = undisturbedDigest();
        Duration heartbeat = Duration.ofSeconds(4);
        try (RunningSupervisor first = platform.startWorker("a", heartbeat, USUAL_STALL, CountingSlot.class)) {
            Runner.Started run = platform.start("paused-host");
            platform.awaitStep(run.runId(), 50);
            ProcessHandle zombie = platform.trainingProcess(first);
            signal("STOP", zombie);
            try (RunningSupervisor second = platform.startWorker("b", heartbeat, USUAL_STALL, CountingSlot.class)) {
                platform.awaitAttempts(run.runId(), 2);
                signal("CONT", zombie);

                assertThat(run.result()).isEqualTo(finished(run.runId(), digest));
                await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(attempt(run.runId(), 0))
                                .extracting(attempt -> attempt.end().outcome())
                                .isEqualTo("FENCED"));
            } finally {
                signal("CONT", zombie);
            }
            List<Attempt> attempts = platform.attempts(run.runId());
            assertThat(attempts.get(1).worker()).isNotEqualTo(attempts.get(0).worker());
            assertThat(platform.run(run.runId()).progress().stateDigest()).isEqualTo(digest);
            assertThat(platform.eventKinds(run.runId())).contains("CLAIMED").doesNotContain("DIVERGED");
            assertEveryStepIsThereOnce(run.runId());
        }
    }

    private String undisturbedDigest() {
        try (RunningSupervisor worker = platform.startWorker("undisturbed")) {
            return platform.start("undisturbed").result().stateDigest();
        }
    }

    private Attempt attempt(RunId runId, int index) {
        return platform.attempts(runId).get(index);
    }

    private void assertEveryStepIsThereOnce(RunId runId) {
        assertThat(new Metrics(platform.database()).listPoints(runId, "train/loss", 0))
                .extracting(MetricPoint::step)
                .containsExactlyElementsOf(
                        LongStream.range(0, CountingJobs.TOTAL_STEPS).boxed().toList());
    }

    private static PretrainWorkflow.Result finished(RunId runId, String digest) {
        return new PretrainWorkflow.Result(runId.value(), RunStatus.FINISHED, CountingJobs.TOTAL_STEPS, digest);
    }

    private static void signal(String name, ProcessHandle process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }
}
