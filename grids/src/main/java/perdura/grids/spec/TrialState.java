package perdura.grids.spec;

/** How far a trial of a sweep is. */
public enum TrialState {
    /** Its result counts. */
    FINISHED,
    RUNNING,
    /** Stopped early with its checkpoint; it may be promoted. */
    HELD,
    /** Not begun, or given back. */
    PENDING,
    FAILED,
    KILLED;

    /** Whether what it has reached so far is a value of its point as long as no trial of the point is finished. */
    public boolean isOnItsWay() {
        return this == RUNNING || this == HELD;
    }

    /** Whether it ended without a result. */
    public boolean isLost() {
        return this == FAILED || this == KILLED;
    }
}
