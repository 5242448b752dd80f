package perdura.workflows;

import io.temporal.activity.ActivityInterface;

/** Activities of the queue {@code io}. All may run twice. */
@ActivityInterface
public interface RunActivities {
    /** Takes a run up: it becomes RUNNING, unless it is FINISHED. */
    OpenedRun openRun(String runId);

    /** Records that a run is paused or goes on. */
    void markPaused(String runId, boolean paused);

    void finishRun(FinishInput input);
}
