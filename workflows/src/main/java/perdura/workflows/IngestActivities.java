package perdura.workflows;

import io.temporal.activity.ActivityInterface;

/** Activities of the queue {@code cpu} that make a data set. All may run twice: what is whole is kept. */
@ActivityInterface
public interface IngestActivities {
    /** Scans the tables and divides the samples into parts. */
    PlannedIngest planIngest(String ingestId);

    /** Makes one part, from 0. */
    void makePart(String ingestId, int part);

    /** Joins the parts, writes the report, and records the data set. */
    IngestWorkflow.Result finishIngest(String ingestId);

    /** Records that the ingest has failed. */
    void failIngest(IngestFailure failure);

    /**
     * What there is to do.
     *
     * @param parts into which the data set is divided, at least 1
     */
    record PlannedIngest(int parts) {}

    /**
     * How an ingest fails.
     *
     * @param errorCode {@code ErrorCode} name
     * @param message what happened
     */
    record IngestFailure(String ingestId, String errorCode, String message) {}
}
