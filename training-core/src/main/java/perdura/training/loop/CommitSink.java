package perdura.training.loop;

/** Where commits go: the store. */
public interface CommitSink {
    /**
     * Publishes a commit, and returns when it is durable. Waits out what heals by itself. Called by the loop's writer
     * thread, one commit at a time, in the order of steps.
     *
     * @throws perdura.grids.spec.PerduraException ends the loop with the same exception; FENCED if another attempt has
     *     claimed the run
     */
    void publish(TrainCommit commit);
}
