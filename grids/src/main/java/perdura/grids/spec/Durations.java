package perdura.grids.spec;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Durations as people write them: {@code 500ms}, {@code 60s}, {@code 5m}, {@code 2h}, {@code 1d}, or ISO 8601. */
public final class Durations {
    private static final Pattern SHORT = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)(ms|s|m|h|d)");
    private static final Map<String, Duration> UNITS = Map.of(
            "ms", Duration.ofMillis(1),
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1));

    private Durations() {}

    /** The duration, or nothing if the text is none. */
    public static Optional<Duration> parse(String text) {
        Matcher matcher = SHORT.matcher(text);
        Duration unit = matcher.matches() ? UNITS.get(matcher.group(2)) : null;
        if (unit != null) {
            BigDecimal nanos = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit.toNanos()));
            return Optional.of(Duration.ofNanos(
                    nanos.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue()));
        }
        try {
            return Optional.of(Duration.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** As people write it, in the largest unit that leaves no fraction: {@code 90s}, {@code 2h}. */
    public static String text(Duration duration) {
        return Stream.of("d", "h", "m", "s", "ms")
                .filter(unit -> !duration.isZero()
                        && duration.toNanos()
                                        % Objects.requireNonNull(UNITS.get(unit))
                                                .toNanos()
                                == 0)
                .findFirst()
                .map(unit -> duration.dividedBy(Objects.requireNonNull(UNITS.get(unit))) + unit)
                .orElseGet(() -> duration.isZero() ? "0s" : duration.toString());
    }
}
