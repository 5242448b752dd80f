package perdura.workflows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.WorkerOptions;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TestIngestWorkflow {
    private static final String ID = "0123456789abcdef";

    private final TestWorkflowEnvironment environment = TestWorkflowEnvironment.newInstance();
    private final FakeIngest fake = new FakeIngest();

    @BeforeEach
    void start() {
        environment
                .newWorker(TaskQueues.WORKFLOWS, WorkflowHarness.PATIENT)
                .registerWorkflowImplementationFactory(
                        IngestWorkflow.class, () -> new IngestWorkflowImpl(ActivityTimeouts.STANDARD));
        environment
                .newWorker(
                        TaskQueues.CPU,
                        WorkerOptions.newBuilder()
                                .setMaxConcurrentActivityExecutionSize(4)
                                .build())
                .registerActivitiesImplementations(fake);
        environment.start();
    }

    @AfterEach
    void close() {
        environment.close();
    }

    @Test
    void makesEveryPartAndJoinsThem() {
        assertThat(run(1, 1)).isEqualTo(new IngestWorkflow.Result(ID, "digest-of-100", 3));
        assertThat(fake.made).hasSize(100);
        assertThat(fake.calls).containsExactly("plan", "finish");
        assertThat(fake.mostAtOnce).hasValueLessThanOrEqualTo(4);
    }

    @Test
    void aPartWhoseWorkerDiesIsMadeAgain() {
        fake.failOnce.addAll(List.of(0, 17, 99));
        assertThat(run(1, 1).digest()).isEqualTo("digest-of-100");
        assertThat(fake.failOnce).isEmpty();
    }

    @Test
    void aFaultThatCannotHealEndsIt() {
        fake.faulty = 40;
        assertThatThrownBy(() -> run(1, 1)).isInstanceOf(WorkflowFailedException.class);
        assertThat(fake.calls).containsExactly("plan", "fail INVALID_DATA a.jpg: truncated");
        assertThat(fake.made).hasSizeLessThan(100);
    }

    @Test
    void sharesTogetherMakeEveryPartAndJoinNothing() {
        assertThat(run(1, 3).digest()).isEmpty();
        assertThat(fake.made)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 34).map(i -> 3 * i).boxed().toList());
        run(2, 3);
        run(3, 3);
        assertThat(fake.made).hasSize(100);
        assertThat(fake.calls).containsExactly("plan", "plan", "plan");
    }

    private IngestWorkflow.Result run(int share, int shares) {
        return environment
                .getWorkflowClient()
                .newWorkflowStub(
                        IngestWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setWorkflowId(IngestWorkflow.workflowId(ID))
                                .setTaskQueue(TaskQueues.WORKFLOWS)
                                .build())
                .run(new IngestWorkflow.Input(ID, share, shares));
    }
}
