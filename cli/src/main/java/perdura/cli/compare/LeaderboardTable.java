package perdura.cli.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Glyphs;
import perdura.cli.words.Table;
import perdura.cli.words.Table.Csv;
import perdura.experiments.compare.ComparedPoint;
import perdura.experiments.compare.Comparison;
import perdura.experiments.compare.ParameterTexts;
import perdura.experiments.compare.Summary;
import perdura.grids.spec.TrialState;

/** The points of a sweep, a line each, best first. */
public final class LeaderboardTable {
    private static final int LONGEST_VALUE = 24;

    private final Comparison comparison;
    private final SummaryText texts;
    private final int width;

    /** @param width letters of a line; columns of test data, and then the interval, are left out to keep it */
    public LeaderboardTable(Comparison comparison, Glyphs glyphs, int width) {
        this.comparison = comparison;
        this.texts = new SummaryText(glyphs);
        this.width = width;
    }

    private record Column(String header, Function<ComparedPoint, String> cell) {}

    /**
     * A table, and what was left out of it.
     *
     * @param leftOut headers of the columns for which the lines had no place
     */
    public record Text(String table, List<String> leftOut) {
        public Text {
            leftOut = List.copyOf(leftOut);
        }
    }

    /** The first {@code top} points. */
    public Text text(int top) {
        List<ComparedPoint> points = comparison.points().stream().limit(top).toList();
        List<Column> needed = new ArrayList<>(neededColumns());
        List<Column> optional = new ArrayList<>(optionalColumns());
        List<String> leftOut = new ArrayList<>();
        String table = table(points, needed, optional);
        while (!optional.isEmpty() && table.lines().anyMatch(line -> line.length() > width)) {
            leftOut.add(0, optional.remove(optional.size() - 1).header());
            table = table(points, needed, optional);
        }
        return new Text(table, leftOut);
    }

    private static String table(List<ComparedPoint> points, List<Column> needed, List<Column> optional) {
        List<Column> columns = new ArrayList<>(needed);
        columns.addAll(optional);
        Table table = new Table(columns.stream().map(Column::header).toArray(String[]::new));
        points.forEach(point -> table.row(
                columns.stream().map(column -> column.cell().apply(point)).toArray()));
        return table.toString();
    }

    private List<Column> neededColumns() {
        Comparison.Objective objective = comparison.objective();
        Comparison.Differences parameters = comparison.parameters();
        List<Column> columns = new ArrayList<>();
        columns.add(new Column(
                "#", point -> point.rank() == null ? "-" : point.rank().toString()));
        for (String path : parameters.differing()) {
            columns.add(new Column(
                    parameters.shortName(path),
                    point -> texts.cut(point.parameters().getOrDefault(path, "-"), LONGEST_VALUE)));
        }
        columns.add(new Column(comparison.over().toUpperCase(Locale.ROOT), LeaderboardTable::replicates));
        columns.add(new Column(
                "VALIDATION " + objective.metric().toUpperCase(Locale.ROOT),
                point ->
                        (point.provisional() && point.objective().n() > 0 ? "~" : "") + texts.mean(point.objective())));
        return columns;
    }

    /** The first ones are kept longest. */
    private List<Column> optionalColumns() {
        List<Column> columns = new ArrayList<>();
        Comparison.Objective objective = comparison.objective();
        columns.add(new Column("95 % CI", point -> texts.interval(point.objective())));
        for (int i = 0; i < objective.report().size(); i++) {
            String key = objective.testKeys().get(i);
            columns.add(new Column(
                    "TEST " + objective.report().get(i).toUpperCase(Locale.ROOT),
                    point -> texts.mean(point.metric(key))));
        }
        return columns;
    }

    private static String replicates(ComparedPoint point) {
        int finished = point.counts().getOrDefault(TrialState.FINISHED, 0);
        String unfinished = ComparedPoint.StateWords.unfinished(point);
        return finished + "/" + point.trials().size() + (unfinished.isEmpty() ? "" : ", " + unfinished);
    }

    /** All points with full precision. */
    public String csv() {
        Comparison.Objective objective = comparison.objective();
        List<Value> values = new ArrayList<>();
        values.add(new Value("rank", ComparedPoint::rank));
        values.add(new Value("point", ComparedPoint::number));
        for (String path : comparison.parameters().differing()) {
            values.add(new Value(
                    path, point -> ParameterTexts.cell(path, point.parameters().get(path))));
        }
        for (TrialState state : TrialState.values()) {
            values.add(new Value(
                    ComparedPoint.StateWords.word(state),
                    point -> point.counts().getOrDefault(state, 0)));
        }
        values.add(new Value("provisional", ComparedPoint::provisional));
        addSummary(values, objective.curveKey(), ComparedPoint::objective);
        objective.testKeys().forEach(key -> addSummary(values, key, point -> point.metric(key)));
        values.add(new Value("lacking", point -> String.join("; ", point.lacking())));
        Csv csv = new Csv(values.stream().map(Value::header).toArray());
        comparison
                .points()
                .forEach(point -> csv.row(
                        values.stream().map(value -> value.cell().apply(point)).toArray()));
        return csv.toString();
    }

    private record Value(String header, Function<ComparedPoint, @Nullable Object> cell) {}

    private static void addSummary(List<Value> values, String key, Function<ComparedPoint, Summary> of) {
        values.add(new Value(key + " mean", point -> of.apply(point).mean()));
        values.add(new Value(key + " std", point -> of.apply(point).std()));
        values.add(new Value(key + " n", point -> of.apply(point).n()));
        values.add(new Value(key + " missing", point -> of.apply(point).missing()));
        values.add(new Value(key + " low95", point -> of.apply(point).low()));
        values.add(new Value(key + " high95", point -> of.apply(point).high()));
    }
}
