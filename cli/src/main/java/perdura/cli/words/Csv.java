package perdura.cli.words;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Rows of comma-separated values (RFC 4180), with a header. */
public final class Csv {
    private final StringBuilder text = new StringBuilder();
    private final int columns;

    /** @param header names of the columns */
    public Csv(Object... header) {
        columns = header.length;
        row(header);
    }

    /** @param cells as many as the header has; null is an empty cell */
    public Csv row(@Nullable Object... cells) {
        if (cells.length != columns) {
            throw new IllegalArgumentException("a row needs " + columns + " cells, was " + cells.length);
        }
        if (!text.isEmpty()) {
            text.append("\r\n");
        }
        text.append(Arrays.stream(cells).map(Csv::cell).collect(Collectors.joining(",")));
        return this;
    }

    private static String cell(@Nullable Object value) {
        String cell = value == null ? "" : value.toString();
        boolean quoted = cell.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return quoted ? '"' + cell.replace("\"", "\"\"") + '"' : cell;
    }

    /** All rows, without a line break at the end. */
    @Override
    public String toString() {
        return text.toString();
    }
}
