package perdura.store;

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
}
