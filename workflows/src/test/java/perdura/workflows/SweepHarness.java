package perdura.workflows;

import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.common.WorkflowExecutionHistory;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerOptions;
import java.time.Duration;
import java.util.List;

/** The workflows of a sweep on a server that skips time, with a book in memory. */
final class SweepHarness implements AutoCloseable {
    static final String SWEEP = "probe-1";

    final FakeSweep book = new FakeSweep();
    private final String address = System.getProperty("perdura.temporal.address", "");
    private final TestWorkflowEnvironment environment =
            TestWorkflowEnvironment.newInstance(TestEnvironmentOptions.newBuilder()
                    .setWorkflowClientOptions(WorkflowClientOptions.newBuilder()
                            .setIdentity("test")
                            .build())
                    .setUseExternalService(isReal())
                    .setTarget(isReal() ? address : null)
                    .build());

    /** Whether the service is a real one, which skips no time. */
    boolean isReal() {
        return !address.isEmpty();
    }

    /** @param slots trials that run at once */
    SweepHarness start(int slots) {
        Worker workflows = environment.newWorker(
                TaskQueues.WORKFLOWS,
                WorkerOptions.newBuilder(WorkflowHarness.PATIENT)
                        .setLocalActivityWorkerOnly(true)
                        .build());
        workflows.registerWorkflowImplementationFactory(
                SweepWorkflow.class, () -> new SweepWorkflowImpl(ActivityTimeouts.STANDARD));
        workflows.registerWorkflowImplementationFactory(
                ShardWorkflow.class, () -> new ShardWorkflowImpl(ActivityTimeouts.STANDARD));
        workflows.registerActivitiesImplementations(book);
        environment.newWorker(TaskQueues.IO).registerActivitiesImplementations(book);
        WorkerOptions gpu = WorkerOptions.newBuilder()
                .setMaxConcurrentActivityExecutionSize(slots)
                .setMaxHeartbeatThrottleInterval(Duration.ofMillis(500))
                .build();
        environment.newWorker(TaskQueues.GPU, gpu).registerActivitiesImplementations(book);
        environment.start();
        return this;
    }

    /** Starts the sweep in the background. */
    SweepWorkflow startSweep() {
        SweepWorkflow sweep = client().newWorkflowStub(
                        SweepWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setWorkflowId(SweepWorkflow.workflowId(SWEEP))
                                .setTaskQueue(TaskQueues.WORKFLOWS)
                                .setWorkflowIdReusePolicy(
                                        WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
                                .build());
        WorkflowClient.start(sweep::run, new SweepWorkflow.Input(SWEEP));
        return sweep;
    }

    SweepWorkflow.Result result(SweepWorkflow sweep) {
        return WorkflowStub.fromTyped(sweep).getResult(SweepWorkflow.Result.class);
    }

    SweepWorkflow.Result runSweep() {
        return result(startSweep());
    }

    void terminate() {
        client().newUntypedWorkflowStub(SweepWorkflow.workflowId(SWEEP)).terminate("its history is lost");
    }

    WorkflowExecutionHistory history() {
        return client().fetchHistory(SweepWorkflow.workflowId(SWEEP));
    }

    WorkflowExecutionHistory shardHistory(int number) {
        return client().fetchHistory(ShardWorkflow.workflowId(SWEEP, number));
    }

    List<HistoryEvent> shardEvents(int number) {
        return shardHistory(number).getEvents();
    }

    private WorkflowClient client() {
        return environment.getWorkflowClient();
    }

    @Override
    public void close() {
        environment.close();
    }
}
