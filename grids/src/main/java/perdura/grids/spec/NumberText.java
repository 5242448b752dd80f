package perdura.grids.spec;

import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The one spelling of numbers for people and for filters of MLflow, wherever they stand: {@code 64}, {@code 0.01}, {@code 1e-5},
 * {@code 1.5e-5}, {@code 1e15}. It does not change from here on: runs of earlier versions are found by it.
 */
public final class NumberText {
    private static final BigDecimal SMALL = new BigDecimal("0.001");
    private static final BigDecimal GREAT = new BigDecimal("1e15");

    private NumberText() {}

    /** As in a YAML file: {@code 0.01}, {@code 64}, but {@code 1e-6}. */
    public static String of(BigDecimal value) {
        BigDecimal plain = value.stripTrailingZeros();
        BigDecimal size = plain.abs();
        if (plain.signum() == 0) {
            return "0";
        }
        if (size.compareTo(SMALL) >= 0 && size.compareTo(GREAT) < 0) {
            return plain.toPlainString();
        }
        int exponent = plain.precision() - plain.scale() - 1;
        return plain.movePointLeft(exponent).stripTrailingZeros().toPlainString() + "e" + exponent;
    }

    /** The fewest digits that read back as the same double; {@code NaN}, {@code Infinity} and {@code -Infinity} as Java has them. */
    public static String of(double value) {
        return Double.isFinite(value) ? of(new BigDecimal(CanonicalJson.write(value))) : String.valueOf(value);
    }

    /** A value of a parameter: a number as above, a list as {@code [1e-5,"x"]}, and null, words and truth values as they are. */
    public static String ofValue(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return list.stream()
                    .map(one -> one instanceof String word ? CanonicalJson.write(word) : ofValue(one))
                    .collect(Collectors.joining(",", "[", "]"));
        }
        if (value instanceof Double || value instanceof Float) {
            return of(((Number) value).doubleValue());
        }
        return value instanceof Number number ? of(new BigDecimal(number.toString())) : String.valueOf(value);
    }
}
