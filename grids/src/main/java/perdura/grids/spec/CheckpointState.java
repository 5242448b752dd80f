package perdura.grids.spec;

/** Whether the files of a checkpoint can be used. */
public enum CheckpointState {
    PRESENT,
    /** Found damaged by its digests. */
    DAMAGED,
    /** Removed by the retention rule. */
    PRUNED
}
