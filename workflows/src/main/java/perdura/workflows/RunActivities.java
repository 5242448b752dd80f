package perdura.workflows;

import io.temporal.activity.ActivityInterface;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunStatus;

/** Activities of the queue {@code io}. All may run twice. */
@ActivityInterface
public interface RunActivities {
    /** Takes a run up: it becomes RUNNING, unless it is FINISHED. */
    OpenedRun openRun(String runId);

    /** Records that a run is paused or goes on. */
    void markPaused(String runId, boolean paused);

    void finishRun(RunEnd input);

    /**
     * A run as the store has it when a workflow takes it up.
     *
     * @param status RUNNING, or FINISHED when nothing is left to do
     * @param step optimiser steps committed
     * @param stateDigest SHA-256 of the state at that step, or empty when nothing was committed
     * @param paused whether the store says that the run is paused
     * @param dag the DAG of Airflow that must have run before the run begins, or null for none
     */
    record OpenedRun(
            RunStatus status,
            long step,
            String stateDigest,
            boolean paused,
            @Nullable String dag) {}

    /**
     * How a run ends.
     *
     * @param status FINISHED, FAILED or KILLED
     * @param errorCode {@code ErrorCode} name, empty unless FAILED
     * @param message what happened, empty unless FAILED
     */
    record RunEnd(String runId, RunStatus status, String errorCode, String message) {}
}
