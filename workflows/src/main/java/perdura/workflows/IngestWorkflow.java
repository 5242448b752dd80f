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
    Result run(Input input);

    /** The workflow id of an ingest. */
    static String workflowId(String ingestId) {
        return "ingest-" + ingestId;
    }

    /**
     * What an ingest workflow starts from. Its settings stay in the store.
     *
     * @param ingestId the ingest, which is in the store already
     * @param share which share of the parts to make, from 1
     * @param shares into how many shares the parts are dealt; with more than 1 nothing is joined yet
     */
    record Input(String ingestId, int share, int shares) {}

    /**
     * How an ingest ended.
     *
     * @param digest of the data set; empty if only a share of the parts was made
     * @param faults found
     */
    record Result(String ingestId, String digest, long faults) {}
}
