package perdura.experiments.submit;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowServiceException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import perdura.grids.spec.Advice;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.workflows.TaskQueues;

/** Starts workflows, tells them something, and asks about them. */
final class WorkflowStates {
    private final WorkflowClient client;

    WorkflowStates(WorkflowClient client) {
        this.client = client;
    }

    /**
     * Starts a workflow; false if one of that id is running, and goes on.
     *
     * @throws PerduraException SERVICE_UNAVAILABLE if Temporal does not take the call
     */
    <W> boolean start(Class<W> type, String workflowId, Consumer<W> start) {
        WorkflowOptions options = WorkflowOptions.newBuilder()
                .setWorkflowId(workflowId)
                .setTaskQueue(TaskQueues.WORKFLOWS)
                .setWorkflowIdReusePolicy(WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
                .build();
        try {
            start.accept(client.newWorkflowStub(type, options));
            return true;
        } catch (WorkflowExecutionAlreadyStarted e) {
            return false; // somebody was faster, or this very call was repeated
        } catch (WorkflowServiceException e) {
            throw unavailable(e);
        }
    }

    /**
     * Tells a workflow something.
     *
     * @throws WorkflowNotFoundException if none of that id is there
     * @throws PerduraException SERVICE_UNAVAILABLE if Temporal does not take the call
     */
    <W> void signal(Class<W> type, String workflowId, Consumer<W> signal) {
        try {
            signal.accept(client.newWorkflowStub(type, workflowId));
        } catch (WorkflowNotFoundException e) {
            throw e;
        } catch (WorkflowServiceException e) {
            throw unavailable(e);
        }
    }

    /**
     * Asks a workflow something; empty if none of that id is there.
     *
     * @throws PerduraException SERVICE_UNAVAILABLE if Temporal does not answer
     */
    <W, R> Optional<R> ask(Class<W> type, String workflowId, Function<W, R> query) {
        try {
            return Optional.of(query.apply(client.newWorkflowStub(type, workflowId)));
        } catch (WorkflowNotFoundException e) {
            return Optional.empty();
        } catch (WorkflowServiceException e) {
            throw unavailable(e);
        }
    }

    /**
     * Whether a workflow of that id is running.
     *
     * @throws PerduraException SERVICE_UNAVAILABLE if Temporal does not answer
     */
    boolean isRunning(String workflowId) {
        return status(workflowId)
                .filter(status -> status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING)
                .isPresent();
    }

    /**
     * How the last workflow of that id stands; empty if there is none.
     *
     * @throws PerduraException SERVICE_UNAVAILABLE if Temporal does not answer
     */
    Optional<WorkflowExecutionStatus> status(String workflowId) {
        try {
            return Optional.of(
                    client.newUntypedWorkflowStub(workflowId).describe().getStatus());
        } catch (WorkflowNotFoundException e) {
            return Optional.empty();
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                return Optional.empty();
            }
            throw unavailable(e);
        } catch (WorkflowServiceException e) {
            throw unavailable(e);
        }
    }

    /**
     * Asks a workflow to end; nothing happens if none of that id is running.
     *
     * @throws PerduraException SERVICE_UNAVAILABLE if Temporal does not take the call
     */
    void cancel(String workflowId) {
        try {
            client.newUntypedWorkflowStub(workflowId).cancel();
        } catch (WorkflowNotFoundException e) {
            // It has ended.
        } catch (WorkflowServiceException e) {
            throw unavailable(e);
        }
    }

    private static PerduraException unavailable(RuntimeException e) {
        return new PerduraException(
                ErrorCode.SERVICE_UNAVAILABLE,
                "Temporal did not take the call; " + Advice.DOCTOR.in() + " says more",
                e);
    }
}
