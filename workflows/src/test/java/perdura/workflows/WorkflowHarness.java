package perdura.workflows;

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

/** The workflow on a server that skips time, with the fake activities on every queue. */
final class WorkflowHarness implements AutoCloseable {
    static final String RUN = "tiny-1";

    /** A cold JVM on a busy machine may take longer than the second after which the SDK suspects a deadlock. */
    static final WorkerOptions PATIENT = WorkerOptions.newBuilder()
            .setDefaultDeadlockDetectionTimeout(20_000)
            .build();

    final FakeActivities fake = new FakeActivities();
    private final TestWorkflowEnvironment environment =
            TestWorkflowEnvironment.newInstance(TestEnvironmentOptions.newBuilder()
                    .setWorkflowClientOptions(WorkflowClientOptions.newBuilder()
                            .setIdentity("test")
                            .build())
                    .build());

    /** Starts the workers; the slot's own queue has one only when asked for. */
    WorkflowHarness start(String... moreQueues) {
        Worker workflows = environment.newWorker(TaskQueues.WORKFLOWS, PATIENT);
        workflows.registerWorkflowImplementationFactory(
                PretrainWorkflow.class, () -> new PretrainWorkflowImpl(ActivityTimeouts.STANDARD));
        for (String queue : new String[] {TaskQueues.IO, TaskQueues.AIRFLOW, TaskQueues.CPU, TaskQueues.GPU}) {
            serve(queue);
        }
        for (String queue : moreQueues) {
            serve(queue);
        }
        environment.start();
        return this;
    }

    PretrainWorkflow workflow() {
        return client().newWorkflowStub(PretrainWorkflow.class, options());
    }

    /** Starts a run in the background. */
    PretrainWorkflow startRun(boolean paused) {
        PretrainWorkflow workflow = workflow();
        WorkflowClient.start(workflow::run, new PretrainWorkflow.Input(RUN, paused));
        return workflow;
    }

    PretrainWorkflow.Result result(PretrainWorkflow workflow) {
        return WorkflowStub.fromTyped(workflow).getResult(PretrainWorkflow.Result.class);
    }

    WorkflowExecutionHistory history() {
        return client().fetchHistory(PretrainWorkflow.workflowId(RUN));
    }

    private WorkflowClient client() {
        return environment.getWorkflowClient();
    }

    private void serve(String queue) {
        WorkerOptions options = WorkerOptions.newBuilder()
                .setMaxHeartbeatThrottleInterval(Duration.ofMillis(20))
                .build();
        environment.newWorker(queue, options).registerActivitiesImplementations(fake);
    }

    private static WorkflowOptions options() {
        return WorkflowOptions.newBuilder()
                .setWorkflowId(PretrainWorkflow.workflowId(RUN))
                .setTaskQueue(TaskQueues.WORKFLOWS)
                .build();
    }

    @Override
    public void close() {
        environment.close();
    }
}
