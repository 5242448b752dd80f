package perdura.store;

import perdura.grids.spec.SweepSpec;

/**
 * A sweep to be submitted.
 *
 * @param fingerprint hash of the spec and of all trial keys
 * @param spec what was submitted
 * @param json the spec as canonical JSON
 */
public record NewSweep(SweepSpec spec, String json, String fingerprint) {}
