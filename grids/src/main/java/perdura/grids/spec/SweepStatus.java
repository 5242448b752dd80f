package perdura.grids.spec;

import java.util.EnumSet;
import java.util.Set;

/** Where a sweep stands. */
public enum SweepStatus {
    /** Trials are given out. */
    RUNNING,
    /** None is given out, and none runs, until somebody resumes it. */
    PAUSED,
    /** None is given out any more; those that run are let finish. */
    STOPPING,
    /** None is given out any more; those that run end at their next step. */
    CANCELLING,
    /** All trials have ended, or early stopping has ended them. */
    FINISHED,
    /** Ended before all trials had run: by hand, by its budget, or by a failed trial where onFailure says so. */
    STOPPED,
    /** Ended by hand, with its running trials. */
    CANCELLED,
    /** Ended by a fault of the platform. */
    FAILED;

    public boolean isTerminal() {
        return this == FINISHED || this == STOPPED || this == CANCELLED || this == FAILED;
    }

    /** Statuses from which somebody may lead a sweep to this one; none for those that come by themselves. */
    public Set<SweepStatus> before() {
        return switch (this) {
            case RUNNING -> EnumSet.of(PAUSED);
            case PAUSED -> EnumSet.of(RUNNING);
            case STOPPING -> EnumSet.of(RUNNING, PAUSED);
            case CANCELLING -> EnumSet.of(RUNNING, PAUSED, STOPPING);
            case FINISHED, STOPPED, CANCELLED, FAILED -> EnumSet.noneOf(SweepStatus.class);
        };
    }
}
