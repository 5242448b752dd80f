package perdura.grids.spec;

import java.time.Instant;

/**
 * One value of one metric, as MLflow has it. NaN and the infinities are values like others.
 *
 * @param key name with at most 250 characters out of {@code A-Za-z0-9_-.:/} and space, for instance {@code train/loss}
 * @param step the optimiser step that produced it, counted from 0 over the whole run
 * @param time when it was measured; fixed at the first commit that holds the point
 */
public record MetricPoint(String key, double value, long step, Instant time) {}
