package perdura.grids.spec;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Canonical JSON (RFC 8785, JCS): the same value always gives the same bytes. Values are null, booleans, numbers,
 * strings, lists and maps with string keys. Keys are sorted by UTF-16 code units.
 */
public final class CanonicalJson {
    private CanonicalJson() {}

    /** @throws IllegalArgumentException for NaN, an infinity, or a type that JSON lacks */
    public static String write(@Nullable Object value) {
        if (value == null || value instanceof Boolean) {
            return String.valueOf(value);
        }
        if (value instanceof String text) {
            return quoted(text);
        }
        if (value instanceof Integer || value instanceof Long) {
            return number(((Number) value).doubleValue(), ((Number) value).longValue());
        }
        if (value instanceof Double || value instanceof Float) {
            double number = ((Number) value).doubleValue();
            return number(number, (long) number);
        }
        if (value instanceof List<?> list) {
            return list.stream().map(CanonicalJson::write).collect(Collectors.joining(",", "[", "]"));
        }
        if (value instanceof Map<?, ?> map) {
            return new TreeMap<>(map)
                    .entrySet().stream()
                            .map(entry -> quoted((String) entry.getKey()) + ":" + write(entry.getValue()))
                            .collect(Collectors.joining(",", "{", "}"));
        }
        throw new IllegalArgumentException("JSON has no value of " + value.getClass());
    }

    /** SHA-256 of the canonical form, 64 hexadecimal digits. */
    public static String sha256(@Nullable Object value) {
        return Sha256.of(write(value).getBytes(StandardCharsets.UTF_8));
    }

    /** ECMAScript's Number.prototype.toString, which RFC 8785 asks for. */
    private static String number(double value, long integer) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("JSON has no number " + value);
        }
        if (value == integer && Math.abs(integer) < 1L << 53) {
            return Long.toString(integer);
        }
        BigDecimal shortest = shortest(value).stripTrailingZeros();
        String digits = shortest.unscaledValue().abs().toString();
        int point = digits.length() - shortest.scale(); // value = 0.digits x 10^point
        String sign = value < 0 ? "-" : "";
        if (point > 0 && point <= 21) {
            return sign
                    + (digits.length() <= point
                            ? digits + "0".repeat(point - digits.length())
                            : digits.substring(0, point) + "." + digits.substring(point));
        }
        if (point > -6 && point <= 0) {
            return sign + "0." + "0".repeat(-point) + digits;
        }
        String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
        return sign + mantissa + "e" + (point > 0 ? "+" : "") + (point - 1);
    }

    /** The fewest digits that read back as the same double. Double.toString gives more of them before JDK 19. */
    private static BigDecimal shortest(double value) {
        BigDecimal exact = new BigDecimal(value);
        for (int digits = 1; digits < 17; digits++) {
            BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (rounded.doubleValue() == value) {
                return rounded;
            }
        }
        return exact.round(new MathContext(17, RoundingMode.HALF_EVEN));
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> out.append(c < 0x20 ? String.format("\\u%04x", (int) c) : String.valueOf(c));
            }
        }
        return out.append('"').toString();
    }
}
