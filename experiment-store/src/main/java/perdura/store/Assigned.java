package perdura.store;

import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunId;

/**
 * What a shard of a sweep is given.
 *
 * @param trials to be run now, each up to an epoch (null: to its end)
 * @param waiting of the pending ones, trials that another sweep runs, or whose pre-training is not finished
 * @param closed whether no further one will be given out, to this shard or another
 * @param pretrainings that pending trials wait for, and whose workflows must run now; one that runs may be started again
 */
public record Assigned(List<Assignment> trials, long waiting, boolean closed, List<RunId> pretrainings) {
    public Assigned {
        trials = List.copyOf(trials);
        pretrainings = List.copyOf(pretrainings);
    }

    /** Without pre-trainings. */
    public Assigned(List<Assignment> trials, long waiting, boolean closed) {
        this(trials, waiting, closed, List.of());
    }

    /** A trial, and the epoch at whose end it waits. */
    public record Assignment(String trialKey, @Nullable Integer untilEpoch) {}
}
