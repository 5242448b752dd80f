package perdura.training.metric;

import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * A metric of some samples, or the reason why these samples have none.
 *
 * @param number NaN if there is a reason
 * @param undefined why there is no number; null if there is one
 */
public record MetricValue(double number, @Nullable String undefined) {
    public MetricValue {
        if (Double.isNaN(number) != (undefined != null)) {
            throw new IllegalArgumentException("a metric has a number or a reason, had " + number + ", " + undefined);
        }
    }

    static MetricValue of(double number) {
        return new MetricValue(number, null);
    }

    static MetricValue undefined(String reason) {
        return new MetricValue(Double.NaN, reason);
    }

    /** The number, if there is one. */
    public OptionalDouble find() {
        return undefined == null ? OptionalDouble.of(number) : OptionalDouble.empty();
    }
}
