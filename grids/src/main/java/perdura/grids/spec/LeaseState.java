package perdura.grids.spec;

/** Who may run a trial of a sweep. */
public enum LeaseState {
    /** Nobody yet; it can be given out. */
    PENDING,
    /** A shard of the sweep has it. */
    ASSIGNED,
    /** Nobody: it waits at a rung, until early stopping decides. */
    HELD,
    /** Nobody: its run has ended. */
    DONE
}
