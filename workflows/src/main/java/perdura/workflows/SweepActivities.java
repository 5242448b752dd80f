package perdura.workflows;

import io.temporal.activity.ActivityInterface;

/**
 * The store's book of a sweep, on the queue {@code io} and as local activities of the workers of workflows. All may run twice.
 */
@ActivityInterface
public interface SweepActivities {
    /** Takes a sweep up, or reads its settings again. */
    OpenedSweep openSweep(SweepOpening opening);

    /** Records what signals have made of a sweep. */
    void markSweep(SweepMark mark);

    /**
     * Gives trials out. The same requester gets the same ones again. Starts the pre-trainings that trials wait for, as far as
     * there is room.
     */
    AssignedTrials assign(AssignInput input);

    /** Takes trials back that were given out and are not running. */
    void releaseTrials(TrialRelease release);

    /** Records that a trial has failed in a way that can't heal. */
    void endTrial(TrialEnd end);

    /** Ends a sweep, unless it has trials to run that nobody has told the workflow of. */
    EndedSweep endSweep(SweepEnd end);
}
