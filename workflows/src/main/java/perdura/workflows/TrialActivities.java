package perdura.workflows;

import io.temporal.activity.ActivityInterface;
import org.jspecify.annotations.Nullable;

/** Trials on the queue {@code gpu}. */
@ActivityInterface
public interface TrialActivities {
    /**
     * Runs a trial from its run's last commit on, and writes in the store how that ended. A trial that is cancelled commits at
     * its next step boundary and is RELEASED. May run again, and beside its own zombie.
     */
    TrialResult runTrial(TrialInput input);

    /**
     * The work of one trial activity.
     *
     * @param sweepId the sweep that owns the trial
     * @param trialKey 64 hexadecimal digits
     * @param untilEpoch epochs after which the trial is HELD; null: it runs to its end
     */
    record TrialInput(
            String sweepId, String trialKey, @Nullable Integer untilEpoch) {}

    /** How a trial activity ended. The store knows it already. */
    record TrialResult(String trialKey, Outcome outcome) {}

    /** How a trial activity ends that does not fail. */
    enum Outcome {
        FINISHED,
        /** At the epoch that it was asked to reach. */
        HELD,
        /** Cancelled; to be given out again. */
        RELEASED
    }
}
