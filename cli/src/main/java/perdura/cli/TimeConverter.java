package perdura.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads durations as people write them: {@code 500ms}, {@code 60s}, {@code 5m}, {@code 2h}, or ISO 8601. */
final class TimeConverter implements ITypeConverter<Duration> {
    private static final Pattern SHORT = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
    private static final Map<String, Duration> UNITS = Map.of(
            "ms",
            Duration.ofMillis(1),
            "s",
            Duration.ofSeconds(1),
            "m",
            Duration.ofMinutes(1),
            "h",
            Duration.ofHours(1));

    @Override
    public Duration convert(String text) {
        Matcher matcher = SHORT.matcher(text);
        Duration unit = matcher.matches() ? UNITS.get(matcher.group(2)) : null;
        if (unit != null) {
            return unit.multipliedBy(Long.parseLong(matcher.group(1)));
        }
        try {
            return Duration.parse(text);
        } catch (DateTimeException e) {
            throw new TypeConversionException("'" + text + "' is no duration; write 500ms, 60s, 5m or 2h");
        }
    }
}
