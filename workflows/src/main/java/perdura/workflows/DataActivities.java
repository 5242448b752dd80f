package perdura.workflows;

import io.temporal.activity.ActivityInterface;

/** Activities of the queue {@code cpu}. */
@ActivityInterface
public interface DataActivities {
    /** Checks the data of a run, records its identity and counts, and plans the steps. May run again: same answer. */
    PreparedRun prepareRun(String runId);

    /**
     * What the data check found.
     *
     * @param dataDigest identity of the data set, SHA-256
     * @param studies training studies
     * @param stepsPerEpoch full batches of an epoch
     * @param totalSteps optimiser steps of the whole plan
     */
    record PreparedRun(String dataDigest, long studies, long stepsPerEpoch, long totalSteps) {}
}
