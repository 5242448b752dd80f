package perdura.grids.spec;

import org.jspecify.annotations.Nullable;

/** How trials that promise little are ended early. */
public sealed interface EarlyStoppingSpec {
    /** Every trial runs to its end. */
    record None() implements EarlyStoppingSpec {}

    /**
     * A trial stops whose best objective so far is worse than the median of the other trials' running means at the same epoch.
     *
     * @param minEpochs no trial stops before so many epochs
     * @param minTrials no trial stops before so many others have come as far
     */
    record Median(int minEpochs, int minTrials) implements EarlyStoppingSpec {}

    /**
     * Asynchronous successive halving (Li et al. 2020, algorithm 2): rungs lie at minEpochs x reduction^k epochs, and the best
     * 1/reduction of a rung goes on.
     *
     * @param minEpochs the first rung
     * @param maxEpochs no rung lies beyond; null: the trial's own end
     * @param reduction at least 2
     */
    record Asha(int minEpochs, @Nullable Integer maxEpochs, int reduction) implements EarlyStoppingSpec {}
}
