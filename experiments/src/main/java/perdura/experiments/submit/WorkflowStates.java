package perdura.experiments.submit;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowServiceException;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Asks Temporal about workflows. */
final class WorkflowStates {
    private final WorkflowClient client;

    WorkflowStates(WorkflowClient client) {
        this.client = client;
    }

    /**
     * Whether a workflow of that id is running.
     *
     * @throws PerduraException SERVICE_UNAVAILABLE if Temporal does not answer
     */
    boolean isRunning(String workflowId) {
        try {
            return client.newUntypedWorkflowStub(workflowId).describe().getStatus()
                    == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
        } catch (WorkflowNotFoundException e) {
            return false;
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                return false;
            }
            throw unavailable(e);
        } catch (WorkflowServiceException e) {
            throw unavailable(e);
        }
    }

    static PerduraException unavailable(RuntimeException e) {
        return new PerduraException(
                ErrorCode.SERVICE_UNAVAILABLE, "Temporal did not take the call; 'perdura doctor' says more", e);
    }
}
