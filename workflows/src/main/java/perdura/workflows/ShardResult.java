package perdura.workflows;

/**
 * What a shard did.
 *
 * @param assigned trials given to it
 * @param finished trials that ran to their end
 * @param held trials that early stopping has stopped
 * @param released trials that came back
 * @param failed trials that failed
 */
public record ShardResult(Reason reason, int assigned, int finished, int held, int released, int failed) {
    /** Why a shard ended. */
    public enum Reason {
        /** It had its share: another one goes on. */
        QUOTA,
        /** The store has nothing for it now, and what other shards run may bring only them something. */
        DRY,
        /** The store gives nothing out any more. */
        CLOSED,
        /** It was told to. */
        ORDERED
    }
}
