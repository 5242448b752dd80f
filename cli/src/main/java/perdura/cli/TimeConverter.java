package perdura.cli;

import java.time.Duration;
import perdura.grids.codec.Durations;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads durations as specs write them. */
final class TimeConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
        return Durations.parse(text)
                .orElseThrow(() -> new TypeConversionException(
                        "not a duration: '" + text + "' (for instance 500ms, 60s, 5m, 2h)"));
    }
}
