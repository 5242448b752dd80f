package perdura.experiments.submit;

import io.temporal.client.WorkflowClient;
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

    /** Starts the workflow; if one is running, that one goes on. */
    public void start(String ingestId, Share share) {
        IngestWorkflow.Input input = new IngestWorkflow.Input(ingestId, share.number(), share.of());
        states.start(
                IngestWorkflow.class,
                share.workflowId(ingestId),
                workflow -> WorkflowClient.start(workflow::run, input));
    }
}
