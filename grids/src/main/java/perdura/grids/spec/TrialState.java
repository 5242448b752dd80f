package perdura.grids.spec;

/** How far a trial of a sweep is. */
public enum TrialState {
    /** Its result counts. */
    FINISHED,
    /** A slot has it. */
    RUNNING,
    /** Early stopping holds it at a rung, with its checkpoint: for a decision while its sweep is under way, for good after that. */
    HELD,
    /** Not begun, or given back, or waiting for a slot. */
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
