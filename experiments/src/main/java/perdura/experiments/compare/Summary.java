package perdura.experiments.compare;

import java.util.List;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.descriptive.SummaryStatistics;
import org.jspecify.annotations.Nullable;

/**
 * A metric over the seeds of a point.
 *
 * @param n values that count: finite ones
 * @param missing trials of the point that are ended or on their way, but gave no finite value
 * @param mean null if n is 0
 * @param std sample standard deviation (n - 1, {@code numpy.std(ddof=1)}); null if n is less than 2
 * @param low lower end of the 95 % confidence interval of the mean by Student's t ({@code scipy.stats.t.interval}); null as std
 * @param high its upper end
 */
public record Summary(
        int n,
        int missing,
        @Nullable Double mean,
        @Nullable Double std,
        @Nullable Double low,
        @Nullable Double high) {
    private static final double UPPER_TAIL = 0.975;

    /**
     * The same of a metric that is a share of 1: its mean can't lie beyond 0 and 1, so that what the interval has there is cut off. This
     * takes nothing from its coverage.
     */
    Summary ofShare() {
        return low == null || high == null
                ? this
                : new Summary(n, missing, mean, std, Math.max(0, low), Math.min(1, high));
    }

    /** @param values of all trials that should have one; NaN and infinities, and null, count as missing */
    public static Summary of(List<@Nullable Double> values) {
        SummaryStatistics statistics = new SummaryStatistics();
        for (Double value : values) {
            if (value != null && Double.isFinite(value)) {
                statistics.addValue(value);
            }
        }
        int n = (int) statistics.getN();
        int missing = values.size() - n;
        if (n == 0) {
            return new Summary(0, missing, null, null, null, null);
        }
        double mean = statistics.getMean();
        if (n == 1) {
            return new Summary(1, missing, mean, null, null, null);
        }
        double std = statistics.getStandardDeviation();
        double half = new TDistribution(n - 1.0).inverseCumulativeProbability(UPPER_TAIL) * std / Math.sqrt(n);
        return new Summary(n, missing, mean, std, mean - half, mean + half);
    }
}
