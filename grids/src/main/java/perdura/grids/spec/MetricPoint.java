package perdura.grids.spec;

import java.time.Instant;

/**
 * One value of one metric, as MLflow has it. NaN and the infinities are values like others.
 *
 * @param key name with at most 250 characters out of {@code A-Za-z0-9_-.:/} and space, for instance {@code train/loss}
 * @param step the optimiser step that produced it, counted from 0 over the whole run
 * @param time when it was measured; fixed at the first commit that holds the point
 */
public record MetricPoint(String key, double value, long step, Instant time) {
    private static final int LONGEST = 250;

    public MetricPoint {
        if (key.isEmpty() || key.length() > LONGEST || !key.chars().allMatch(MetricPoint::isAllowed)) {
            throw new IllegalArgumentException(
                    "a metric's name must be 1 to 250 characters out of A-Za-z0-9_-.:/ and space, was '" + key + "'");
        }
    }

    private static boolean isAllowed(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "_-.:/ ".indexOf(c) >= 0;
    }
}
