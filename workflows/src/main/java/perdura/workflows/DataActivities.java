package perdura.workflows;

import io.temporal.activity.ActivityInterface;

/** Activities of the queue {@code cpu}. */
@ActivityInterface
public interface DataActivities {
    /** Checks the data of a run, records its identity and counts, and plans the steps. May run again: same answer. */
    PreparedRun prepareRun(String runId);

    /** Asks what has to be prepared before an epoch, and whether it is there already. May run again: same answer. */
    EpochPlan planEpoch(EpochBegin begin);

    /** Combines the shards of an epoch's preparation and keeps the result. May run twice: what is whole is kept. */
    void combineEpoch(EpochShards shards);

    /**
     * What the data check found.
     *
     * @param dataDigest identity of the data set, SHA-256
     * @param studies training studies
     * @param stepsPerEpoch full batches of an epoch
     * @param totalSteps optimiser steps of the whole plan
     * @param epochsArePrepared whether epochs may need work before their first step; then segments end at epochs
     */
    record PreparedRun(
            String dataDigest, long studies, long stepsPerEpoch, long totalSteps, boolean epochsArePrepared) {}

    /**
     * An epoch of a run that is about to begin.
     *
     * @param step optimiser steps committed
     * @param stateDigest SHA-256 of the state at that step, or empty when nothing was committed
     */
    record EpochBegin(String runId, long step, String stateDigest) {}

    /**
     * What is left to prepare before an epoch.
     *
     * @param shards pieces of work that may run at once; 0: the epoch needs none, or all is there
     */
    record EpochPlan(int shards) {}

    /**
     * The shards of an epoch's preparation.
     *
     * @param shards of the whole epoch, at least 1
     */
    record EpochShards(EpochBegin begin, int shards) {}
}
