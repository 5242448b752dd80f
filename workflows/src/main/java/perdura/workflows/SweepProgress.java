package perdura.workflows;

/**
 * What the workflow itself knows. Live figures are in the store.
 *
 * @param phase OPENING, RUNNING, PAUSED, STOPPING, CANCELLING or DONE
 * @param concurrency trials at once, 0: as many as there are free slots
 * @param shards that run now
 * @param tally of the shards that have ended
 */
public record SweepProgress(String phase, int concurrency, int shards, SweepTally tally) {}
