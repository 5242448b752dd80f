package perdura.workflows;

import io.temporal.activity.ActivityInterface;

/** Activities of the queue {@code cpu}. */
@ActivityInterface
public interface DataActivities {
    /** Checks the data of a run, records its identity and counts, and plans the steps. May run again: same answer. */
    PreparedRun prepareRun(String runId);
}
