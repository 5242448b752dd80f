package perdura.store;

import perdura.grids.spec.TrialKey;

/**
 * A trial of a sweep to be submitted.
 *
 * @param label what tells it from the others, for people
 * @param spec canonical JSON, see {@code ResolvedTrialJson}
 */
public record NewTrial(TrialKey key, String task, long seed, String spec, String label) {}
