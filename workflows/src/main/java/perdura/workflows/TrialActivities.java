package perdura.workflows;

import io.temporal.activity.ActivityInterface;

/** Trials on the queue {@code gpu}. */
@ActivityInterface
public interface TrialActivities {
    /**
     * Runs a trial from its run's last commit on, and writes in the store how that ended. A trial that is cancelled commits at
     * its next step boundary and is RELEASED. May run again, and beside its own zombie.
     */
    TrialResult runTrial(TrialInput input);
}
