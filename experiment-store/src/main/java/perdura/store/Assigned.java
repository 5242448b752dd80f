package perdura.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a shard of a sweep is given.
 *
 * @param trials to be run now, each up to an epoch (null: to its end)
 * @param waiting of the pending ones, trials that another sweep runs
 * @param pending trials that may still be given out later, to this shard or another
 * @param closed whether none will be, whatever is pending
 */
public record Assigned(List<Assignment> trials, long waiting, long pending, boolean closed) {
    public Assigned {
        trials = List.copyOf(trials);
    }

    /** A trial, and the epoch at whose end it waits. */
    public record Assignment(String trialKey, @Nullable Integer untilEpoch) {}
}
