package perdura.cli.words;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.PlainText;

/** Columns of text, as wide as their widest cell. */
public final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    /** @param header names of the columns */
    public Table(String... header) {
        rows.add(List.of(header));
    }

    /** @param cells as many as the header has; null is shown as a dash */
    public Table row(@Nullable Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(cell == null ? "-" : PlainText.line(cell.toString()));
        }
        if (row.size() != rows.get(0).size()) {
            throw new IllegalArgumentException("a row needs " + rows.get(0).size() + " cells, was " + row);
        }
        rows.add(row);
        return this;
    }

    /** All rows, without a line break at the end. */
    @Override
    public String toString() {
        int[] widths = new int[rows.get(0).size()];
        rows.forEach(row -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        return rows.stream().map(row -> line(row, widths)).collect(Collectors.joining(System.lineSeparator()));
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
        }
        return line.toString().stripTrailing();
    }

    /** Rows of comma-separated values (RFC 4180), with a header. */
    public static final class Csv {
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
}
