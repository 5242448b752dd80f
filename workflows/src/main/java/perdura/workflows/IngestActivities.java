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
    IngestResult finishIngest(String ingestId);

    /** Records that the ingest has failed. */
    void failIngest(IngestFailure failure);
}
