package perdura.experiments.submit;

import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowClient;
import java.util.Optional;
import perdura.workflows.IngestWorkflow;

/** Starts the workflow of an ingest. */
public final class IngestStarter {
    private final WorkflowStates states;

    public IngestStarter(WorkflowClient client) {
        this.states = new WorkflowStates(client);
    }

    /**
     * A share of the parts.
     *
     * @param number from 1
     * @param of how many shares there are
     */
    public record Share(int number, int of) {
        /** All of them, joined at the end. */
        public static final Share ALL = new Share(1, 1);

        /** Shares are made side by side, each by a workflow of its own. */
        private String workflowId(String ingestId) {
            String id = IngestWorkflow.workflowId(ingestId);
            return of == 1 ? id : id + "-" + number + "-of-" + of;
        }
    }

    /** Whether its workflow is running. */
    public boolean isRunning(String ingestId, Share share) {
        return states.isRunning(share.workflowId(ingestId));
    }

    /**
     * Why its workflow has ended without all of its work; empty if it runs or has finished.
     */
    public Optional<String> findFailure(String ingestId, Share share) {
        return switch (states.status(share.workflowId(ingestId))
                .orElse(WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_UNSPECIFIED)) {
            case WORKFLOW_EXECUTION_STATUS_RUNNING,
                    WORKFLOW_EXECUTION_STATUS_COMPLETED,
                    WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW -> Optional.empty();
            case WORKFLOW_EXECUTION_STATUS_TERMINATED -> Optional.of("its workflow was terminated");
            case WORKFLOW_EXECUTION_STATUS_CANCELED -> Optional.of("its workflow was cancelled");
            case WORKFLOW_EXECUTION_STATUS_TIMED_OUT -> Optional.of("its workflow has timed out");
            case WORKFLOW_EXECUTION_STATUS_FAILED -> Optional.of("its workflow has failed; the worker's log says why");
            default -> Optional.of("Temporal knows no workflow of it any more");
        };
    }

    /** Cancels the workflow of all parts; those of shares end by themselves when they see that the ingest is cancelled. */
    public void cancel(String ingestId) {
        states.cancel(Share.ALL.workflowId(ingestId));
    }

    /** Starts the workflow; if one is running, that one goes on. */
    public void start(String ingestId, Share share) {
        IngestWorkflow.Input input = new IngestWorkflow.Input(ingestId, share.number(), share.of());
        states.start(
                IngestWorkflow.class,
                share.workflowId(ingestId),
                workflow -> WorkflowClient.start(workflow::run, input));
    }
}
