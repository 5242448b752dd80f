package perdura.workflows;

/**
 * What the shards of a sweep have done. A trial that is held or released and goes on later counts each time.
 *
 * @param shards started
 * @param assigned trials given out
 * @param finished trials that ran to their end
 * @param held trials that early stopping has stopped
 * @param released trials that came back
 * @param failed trials that failed
 */
public record SweepTally(int shards, long assigned, long finished, long held, long released, long failed) {
    static final SweepTally NONE = new SweepTally(0, 0, 0, 0, 0, 0);

    SweepTally withShard() {
        return new SweepTally(shards + 1, assigned, finished, held, released, failed);
    }

    SweepTally plus(ShardResult shard) {
        return new SweepTally(
                shards,
                assigned + shard.assigned(),
                finished + shard.finished(),
                held + shard.held(),
                released + shard.released(),
                failed + shard.failed());
    }
}
