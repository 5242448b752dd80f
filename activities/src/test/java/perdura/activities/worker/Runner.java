package perdura.activities.worker;

import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.time.Duration;
import perdura.grids.spec.RunId;
import perdura.workflows.PretrainWorkflow;
import perdura.workflows.TaskQueues;

/** Starts runs as the command line does. */
final class Runner implements AutoCloseable {
    private final TemporalConnection connection;

    Runner(TemporalConfig config) {
        this.connection = TemporalConnection.open(config, Duration.ofSeconds(30));
    }

    WorkflowClient client() {
        return connection.client();
    }

    Started start(RunId runId) {
        PretrainWorkflow workflow = connection
                .client()
                .newWorkflowStub(
                        PretrainWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setWorkflowId(PretrainWorkflow.workflowId(runId.value()))
                                .setTaskQueue(TaskQueues.WORKFLOWS)
                                .build());
        WorkflowClient.start(workflow::run, new PretrainWorkflow.Input(runId.value(), false));
        return new Started(runId, workflow);
    }

    @Override
    public void close() {
        connection.close();
    }

    /** A run that has been started. */
    record Started(RunId runId, PretrainWorkflow workflow) {
        PretrainWorkflow.Result result() {
            return WorkflowStub.fromTyped(workflow).getResult(PretrainWorkflow.Result.class);
        }
    }
}
