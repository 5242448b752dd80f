package perdura.workflows;

import io.temporal.activity.ActivityInterface;
import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.SweepStatus;

/**
 * State of a sweep in the store, on the queue {@code io} and as local activities of the workers of workflows. All may run twice.
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
    AssignedTrials assign(TrialRequest input);

    /** Takes trials back that were given out and are not running. */
    void releaseTrials(TrialRelease release);

    /** Records that a trial has failed in a way that can't heal. */
    void endTrial(TrialEnd end);

    /** Ends a sweep, unless it has trials to run that nobody has told the workflow of. */
    EndedSweep endSweep(SweepEnd end);

    /**
     * Who takes a sweep up.
     *
     * @param execution the execution of the sweep's workflow; what others were given counts as lost
     */
    record SweepOpening(String sweepId, String execution) {}

    /**
     * A sweep as the store has it.
     *
     * @param status RUNNING, PAUSED, STOPPING or CANCELLING; or how it has ended: FINISHED, STOPPED, CANCELLED or FAILED
     * @param concurrency trials at once, 0: as many as there are free slots
     * @param priority 1 to 5; 1 goes first
     * @param backoffMillis before the second attempt of a trial; doubled before each further one
     * @param pending trials that have not ended
     * @param secondsLeft of the wall time in its budget, not below 0; null: no limit
     */
    record OpenedSweep(
            SweepStatus status,
            int concurrency,
            int priority,
            long backoffMillis,
            long pending,
            @Nullable Long secondsLeft) {
        OpenedSweep with(SweepStatus otherStatus) {
            return new OpenedSweep(otherStatus, concurrency, priority, backoffMillis, pending, secondsLeft);
        }
    }

    /**
     * What signals have made of a sweep.
     *
     * @param status RUNNING, PAUSED, STOPPING or CANCELLING
     * @param reason why it stops; empty if somebody asked for it
     */
    record SweepMark(String sweepId, SweepStatus status, String reason) {}

    /**
     * A shard asks for trials.
     *
     * @param execution the execution of the sweep's workflow
     * @param requester names this question; an attempt that repeats it gets the same answer
     * @param atMost trials, at least 1
     */
    record TrialRequest(String sweepId, String execution, String requester, int atMost) {}

    /**
     * Trials given out, in the order in which they are to begin.
     *
     * @param waiting trials that run for another sweep now, or whose pre-training has not finished
     * @param closed whether nothing will be given out any more
     */
    record AssignedTrials(List<TrialAssignment> trials, long waiting, boolean closed) {
        public AssignedTrials {
            trials = List.copyOf(trials);
        }
    }

    /**
     * A trial given out.
     *
     * @param trialKey 64 hexadecimal digits
     * @param untilEpoch epochs after which it is held; null: it runs to its end
     */
    record TrialAssignment(String trialKey, @Nullable Integer untilEpoch) {}

    /**
     * Trials that were given out and are not running: they came back before an attempt began, or between two.
     *
     * @param execution the execution of the sweep's workflow to which they were given
     */
    record TrialRelease(String sweepId, String execution, List<String> trialKeys) {
        public TrialRelease {
            trialKeys = List.copyOf(trialKeys);
        }
    }

    /**
     * How a trial fails.
     *
     * @param execution the execution of the sweep's workflow to which it was given
     * @param errorCode {@code ErrorCode} name
     * @param message what happened
     */
    record TrialEnd(String sweepId, String execution, String trialKey, String errorCode, String message) {}

    /**
     * How a sweep ends, as far as its workflow knows.
     *
     * @param status FINISHED, STOPPED, CANCELLED or FAILED. FINISHED: the store gives nothing out any more, and knows why
     * @param reason what made it FAILED; empty for none
     */
    record SweepEnd(String sweepId, SweepStatus status, String reason) {}

    /**
     * How a sweep has ended.
     *
     * @param status FINISHED, STOPPED, CANCELLED or FAILED; RUNNING: not at all, it has more to run
     */
    record EndedSweep(SweepStatus status) {}
}
