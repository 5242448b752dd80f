package perdura.store;

import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunId;
import perdura.grids.spec.TrialKey;

/**
 * A trial of a sweep to be submitted.
 *
 * @param label what tells it from the others, for people
 * @param spec canonical JSON, see {@code ResolvedTrialJson}
 * @param needs the pre-training, in the store already, that must be FINISHED before it begins; null: none
 */
public record NewTrial(
        TrialKey key,
        String task,
        long seed,
        String spec,
        String label,
        @Nullable RunId needs) {
    /** A trial that needs no pre-training to be run first. */
    public NewTrial(TrialKey key, String task, long seed, String spec, String label) {
        this(key, task, seed, spec, label, null);
    }
}
