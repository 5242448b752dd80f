package perdura.workflows;

import org.jspecify.annotations.Nullable;

/**
 * What a sweep's workflow starts from. Its grid and its settings stay in the store.
 *
 * @param sweepId the sweep, which is in the store already
 * @param sofar what earlier executions have counted; null at the first start, carried over when the workflow continues as new
 */
public record SweepInput(String sweepId, @Nullable SweepTally sofar) {
    /** The input of a first start. */
    public SweepInput(String sweepId) {
        this(sweepId, null);
    }
}
