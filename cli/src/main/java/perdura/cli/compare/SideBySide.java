package perdura.cli.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import perdura.cli.words.Glyphs;
import perdura.cli.words.Table;
import perdura.cli.words.Table.Csv;
import perdura.experiments.compare.ComparedPoint;
import perdura.experiments.compare.Comparison;
import perdura.experiments.compare.ParameterTexts;
import perdura.experiments.compare.Summary;

/** Points beside each other: a column each, and a line for each parameter that differs and for each metric. */
public final class SideBySide {
    /** Epochs of a curve that a cell shows. */
    static final int CURVE_WIDTH = 16;

    private static final int LONGEST_VALUE = 28;

    private final Comparison.Differences parameters;
    private final List<Column> columns;
    private final List<String> keys;
    private final Glyphs glyphs;

    /**
     * @param columns what is compared
     * @param keys of the metrics
     */
    public SideBySide(Comparison.Differences parameters, List<Column> columns, List<String> keys, Glyphs glyphs) {
        this.parameters = parameters;
        this.columns = List.copyOf(columns);
        this.keys = List.copyOf(keys);
        this.glyphs = glyphs;
    }

    /**
     * One column.
     *
     * @param header a rank, or a run's id
     * @param facts what stands below it, above the parameters
     * @param curve values of the curve that is drawn; empty for none
     */
    public record Column(String header, String facts, ComparedPoint point, List<Double> curve) {
        public Column {
            curve = List.copyOf(curve);
        }
    }

    private record Line(String header, Function<Column, String> cell) {}

    /**
     * As many columns beside each other as a line of {@code width} letters holds, and the rest below them.
     *
     * @param curveKey what the curves are of
     */
    public String text(String curveKey, int width) {
        List<Line> lines = lines(curveKey);
        List<String> blocks = new ArrayList<>();
        int from = 0;
        while (from < columns.size()) {
            int to = from + 1;
            String block = block(lines, columns.subList(from, to));
            while (to < columns.size()) {
                String wider = block(lines, columns.subList(from, to + 1));
                if (wider.lines().anyMatch(line -> line.length() > width)) {
                    break;
                }
                block = wider;
                to++;
            }
            blocks.add(block);
            from = to;
        }
        return String.join(System.lineSeparator() + System.lineSeparator(), blocks);
    }

    private List<Line> lines(String curveKey) {
        SummaryText texts = new SummaryText(glyphs);
        List<Line> lines = new ArrayList<>();
        lines.add(new Line("seeds", Column::facts));
        for (String path : parameters.differing()) {
            lines.add(new Line(
                    parameters.shortName(path),
                    column -> texts.cut(column.point().parameters().getOrDefault(path, "-"), LONGEST_VALUE)));
        }
        for (String key : keys) {
            lines.add(new Line(key, column -> texts.mean(column.point().metric(key))));
        }
        Sparkline sparkline = Sparkline.over(columns.stream().map(Column::curve).toList(), glyphs);
        if (sparkline.high() >= sparkline.low()) {
            lines.add(new Line(curveKey + " over time", column -> sparkline.draw(column.curve(), CURVE_WIDTH)));
            lines.add(new Line(
                    "  from, to",
                    column -> column.curve().isEmpty()
                            ? "-"
                            : SummaryText.number(column.curve().get(0)) + ", "
                                    + SummaryText.number(
                                            column.curve().get(column.curve().size() - 1))));
        }
        return lines;
    }

    private static String block(List<Line> lines, List<Column> columns) {
        List<String> header = new ArrayList<>(List.of(""));
        columns.forEach(column -> header.add(column.header()));
        Table table = new Table(header.toArray(String[]::new));
        for (Line line : lines) {
            List<Object> cells = new ArrayList<>(List.of(line.header()));
            columns.forEach(column -> cells.add(line.cell().apply(column)));
            table.row(cells.toArray());
        }
        return table.toString();
    }

    /** A line for each column of the text, with full precision. */
    public String csv() {
        List<Object> header = new ArrayList<>(List.of("name", "seeds"));
        header.addAll(parameters.differing());
        keys.forEach(key -> {
            header.add(key + " mean");
            header.add(key + " std");
            header.add(key + " n");
        });
        Csv csv = new Csv(header.toArray());
        for (Column column : columns) {
            List<Object> cells = new ArrayList<>(List.of(column.header(), column.facts()));
            parameters
                    .differing()
                    .forEach(path -> cells.add(ParameterTexts.cell(
                            path, column.point().parameters().get(path))));
            for (String key : keys) {
                Summary summary = column.point().metric(key);
                cells.add(summary.mean() == null ? "" : summary.mean());
                cells.add(summary.std() == null ? "" : summary.std());
                cells.add(summary.n());
            }
            csv.row(cells.toArray());
        }
        return csv.toString();
    }

    /**
     * Curves as a line of text, all on one scale.
     *
     * @param low value of the lowest letter
     * @param high value of the highest
     */
    public record Sparkline(double low, double high, Glyphs glyphs) {
        /** The scale of all curves; values that are not finite don't count. */
        public static Sparkline over(List<List<Double>> curves, Glyphs glyphs) {
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            for (List<Double> curve : curves) {
                for (double value : curve) {
                    if (Double.isFinite(value)) {
                        low = Math.min(low, value);
                        high = Math.max(high, value);
                    }
                }
            }
            return new Sparkline(low, high, glyphs);
        }

        /**
         * A letter for each value, or for the mean of neighbours if there are more than {@code width}. A value that is not finite is a
         * blank.
         */
        public String draw(List<Double> curve, int width) {
            int letters = Math.min(width, curve.size());
            StringBuilder line = new StringBuilder(letters);
            for (int i = 0; i < letters; i++) {
                int from = (int) ((long) i * curve.size() / letters);
                int to = (int) ((i + 1L) * curve.size() / letters);
                double mean = curve.subList(from, to).stream()
                        .mapToDouble(x -> x)
                        .filter(Double::isFinite)
                        .average()
                        .orElse(Double.NaN);
                line.append(letter(mean));
            }
            return line.toString();
        }

        private char letter(double value) {
            if (!Double.isFinite(value)) {
                return ' ';
            }
            String sparks = glyphs.sparks();
            int top = sparks.length() - 1;
            return sparks.charAt(high > low ? (int) Math.round((value - low) / (high - low) * top) : top / 2);
        }
    }
}
