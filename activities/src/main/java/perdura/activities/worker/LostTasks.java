package perdura.activities.worker;

import io.grpc.StatusRuntimeException;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.PendingActivityState;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflow.v1.WorkflowExecutionInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.api.workflowservice.v1.ListOpenWorkflowExecutionsRequest;
import io.temporal.api.workflowservice.v1.ListOpenWorkflowExecutionsResponse;
import io.temporal.client.ActivityCompletionFailureException;
import io.temporal.client.ActivityNotExistsException;
import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.WorkflowServiceStubs;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import perdura.activities.worker.FailureTranslation.Failures;
import perdura.activities.worker.TokenFolder.ServingProcess;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * Finds activities that the service believes to be with a dead process that never wrote their tokens: it was killed while it took one, or
 * the service gave it one before it saw that the connection was gone. Without this they are waited for until their heartbeat is missed.
 * For one thread.
 */
final class LostTasks {
    private static final Logger LOG = LoggerFactory.getLogger(LostTasks.class);

    /** The service sees the end of a connection within moments; a second lies between two looks. */
    private static final int LOOKS = 10;

    private static final int PAGE = 200;

    private final TokenFolder tokens;
    private final WorkflowClient client;
    private final Map<ServingProcess, Integer> looks = new HashMap<>();

    LostTasks(TokenFolder tokens, WorkflowClient client) {
        this.tokens = tokens;
        this.client = client;
    }

    /** Looks once for what dead processes of this worker's folder have lost, and reports it. */
    void report() {
        tokens.listProcesses().stream()
                .filter(process -> !process.process().isAlive())
                .forEach(process -> looks.putIfAbsent(process, 0));
        if (looks.isEmpty()) {
            return;
        }
        try {
            reportAll();
        } catch (StatusRuntimeException e) {
            LOG.debug("the service can't be asked now for what dead processes have lost", e);
            return;
        }
        looks.replaceAll((process, times) -> times + 1);
        looks.keySet().removeIf(process -> {
            boolean over = looks.getOrDefault(process, 0) >= LOOKS;
            if (over) {
                tokens.removeProcess(process);
            }
            return over;
        });
    }

    /** Does nothing but tidy up: the embedded service can show a new attempt under the name of the last one's process. */
    void forget() {
        tokens.listProcesses().stream()
                .filter(process -> !process.process().isAlive())
                .forEach(tokens::removeProcess);
    }

    private void reportAll() {
        ListOpenWorkflowExecutionsRequest.Builder request = ListOpenWorkflowExecutionsRequest.newBuilder()
                .setNamespace(client.getOptions().getNamespace())
                .setMaximumPageSize(PAGE);
        ListOpenWorkflowExecutionsResponse page;
        do {
            page = stubs().blockingStub().listOpenWorkflowExecutions(request.build());
            page.getExecutionsList().stream()
                    .map(WorkflowExecutionInfo::getExecution)
                    .forEach(this::reportLost);
            request.setNextPageToken(page.getNextPageToken());
        } while (!page.getNextPageToken().isEmpty());
    }

    private void reportLost(WorkflowExecution workflow) {
        DescribeWorkflowExecutionRequest request = DescribeWorkflowExecutionRequest.newBuilder()
                .setNamespace(client.getOptions().getNamespace())
                .setExecution(workflow)
                .build();
        for (PendingActivityInfo activity :
                stubs().blockingStub().describeWorkflowExecution(request).getPendingActivitiesList()) {
            boolean isLost = activity.getState() == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
                    && looks.keySet().stream()
                            .anyMatch(process -> process.identity().equals(activity.getLastWorkerIdentity()));
            if (isLost) {
                report(workflow, activity);
            }
        }
    }

    private void report(WorkflowExecution workflow, PendingActivityInfo activity) {
        String what = activity.getActivityType().getName() + " of " + workflow.getWorkflowId();
        PerduraException death = new PerduraException(
                ErrorCode.WORKER_DIED, activity.getLastWorkerIdentity() + " died before it could begin");
        try {
            client.newActivityCompletionClient()
                    .completeExceptionally(
                            workflow.getWorkflowId(),
                            Optional.of(workflow.getRunId()),
                            activity.getActivityId(),
                            Failures.toApplicationFailure(death));
            LOG.warn("{} was given to {} when that died", what, activity.getLastWorkerIdentity());
        } catch (ActivityNotExistsException e) {
            LOG.debug("{} had ended before {} died", what, activity.getLastWorkerIdentity());
        } catch (ActivityCompletionFailureException e) {
            LOG.warn("{} can't be taken from the dead {} yet", what, activity.getLastWorkerIdentity(), e);
        }
    }

    private WorkflowServiceStubs stubs() {
        return client.getWorkflowServiceStubs();
    }
}
