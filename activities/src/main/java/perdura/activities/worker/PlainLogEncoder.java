package perdura.activities.worker;

import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.nio.charset.Charset;
import java.util.Objects;
import perdura.grids.spec.PlainText;

/**
 * Writes events by a pattern, without the control characters of the names and messages in them. The further lines of an event are
 * indented, so that a line break in a name can't begin a line that looks like another event. Logback makes it, by our configurations.
 */
public final class PlainLogEncoder extends PatternLayoutEncoder {
    private static final String INDENT = "    ";

    @Override
    public byte[] encode(ILoggingEvent event) {
        String text = layout.doLayout(event).stripTrailing();
        return (PlainText.lines(text).replace("\n", "\n" + INDENT) + System.lineSeparator())
                .getBytes(Objects.requireNonNullElse(getCharset(), Charset.defaultCharset()));
    }
}
