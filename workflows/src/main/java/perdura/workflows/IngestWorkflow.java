package perdura.workflows;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/**
 * Turns the files of a data set into arrays, part by part. The workflow id is {@code ingest-<ingestId>}, so that the same
 * settings are not worked on twice at once. If it is started again, only what is missing is done.
 */
@WorkflowInterface
public interface IngestWorkflow {
    @WorkflowMethod
    IngestResult run(IngestInput input);

    /** The workflow id of an ingest. */
    static String workflowId(String ingestId) {
        return "ingest-" + ingestId;
    }
}
