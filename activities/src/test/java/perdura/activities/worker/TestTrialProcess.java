package perdura.activities.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temporal.activity.ActivityOptions;
import io.temporal.client.WorkflowOptions;
import io.temporal.common.RetryOptions;
import io.temporal.worker.WorkerFactory;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.RunId;
import perdura.training.tasks.NoOpTask;
import perdura.workflows.TaskQueues;
import perdura.workflows.TrialActivities;
import perdura.workflows.TrialActivities.Outcome;
import perdura.workflows.TrialActivities.TrialInput;
import perdura.workflows.TrialActivities.TrialResult;

/** A trial in the process of a real slot, which dies. */
@Timeout(180)
@SuppressWarnings("try") // a worker works by being there
class TestTrialProcess {
    private static final String QUEUE = "test-trials";

    /** A sweep of one trial. */
    @WorkflowInterface
    public interface OneTrial {
        @WorkflowMethod
        TrialResult run(TrialInput input);
    }

    /** Tries again without end. */
    public static final class OneTrialImpl implements OneTrial {
        @Override
        public TrialResult run(TrialInput input) {
            ActivityOptions options = ActivityOptions.newBuilder()
                    .setTaskQueue(TaskQueues.GPU)
                    .setStartToCloseTimeout(Duration.ofMinutes(5))
                    .setHeartbeatTimeout(Duration.ofMinutes(1))
                    .setRetryOptions(RetryOptions.newBuilder()
                            .setInitialInterval(Duration.ofMillis(100))
                            .build())
                    .build();
            return Workflow.newActivityStub(TrialActivities.class, options).runTrial(input);
        }
    }

    @Test
    void aTrialWhoseProcessDiesIsTriedAgain(@TempDir Path folder) throws IOException {
        try (TestingPlatform platform = new TestingPlatform(folder);
                RunningSupervisor worker =
                        platform.startWorker("t", Duration.ofSeconds(60), Duration.ofMinutes(1), SlotMain.class)) {
            WorkerFactory factory = WorkerFactory.newInstance(platform.client());
            factory.newWorker(QUEUE).registerWorkflowImplementationTypes(OneTrialImpl.class);
            factory.start();
            TestingSweep sweep = TestingSweep.ofNoOps(platform.database(), "dying", new NoOpTask());
            String key = sweep.add(1, Map.of("epochs", 3L, "steps", 2L, "fault", "crash"), Map.of());
            TrialInput input = sweep.start().get(0);

            TrialResult result = platform.client()
                    .newWorkflowStub(
                            OneTrial.class,
                            WorkflowOptions.newBuilder().setTaskQueue(QUEUE).build())
                    .run(input);

            factory.shutdownNow();
            assertThat(result).isEqualTo(new TrialResult(key, Outcome.FINISHED));
            RunId runId = sweep.runId(key);
            assertThat(platform.attempts(runId))
                    .extracting(attempt -> attempt.end().outcome())
                    .containsExactly("WORKER_DIED", "COMPLETED");
            await().untilAsserted(() -> assertThat(platform.eventKinds(runId)).contains("WORKER_DIED", "CLAIMED"));
            assertThat(platform.run(runId).progress().position().step()).isEqualTo(6);
        }
    }
}
