package perdura.workflows;

/**
 * How a shard works.
 *
 * @param dispatch what it does with trials
 * @param window trials at once, at least 1
 * @param priority of trials that it starts, 1 to 5; 1 goes first
 * @param backoffMillis before the second attempt of a trial that it starts
 */
public record ShardOrder(Dispatch dispatch, int window, int priority, long backoffMillis) {
    /** What a shard does with trials. */
    public enum Dispatch {
        /** It asks for trials and runs them. */
        GO,
        /** It starts none, and ends when those that run have ended. */
        DRAIN,
        /** It starts none, calls those that run back, and ends when they have committed. */
        RETURN
    }
}
