package perdura.cli.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import perdura.experiments.compare.ComparedPoint;
import perdura.experiments.compare.ParameterEffect;
import perdura.experiments.compare.ParameterTexts;
import perdura.experiments.compare.Summary;
import perdura.experiments.compare.SweepView;
import perdura.experiments.plan.GridCosts;
import perdura.training.method.Method;
import perdura.training.method.Methods;
import perdura.training.method.Paper;

/**
 * Results as both papers print them: a row for each encoder, a column for each data set and fraction of its training part. Values
 * are of test data; where several points of the sweep belong to a cell, it has the one that is best on validation data.
 *
 * @param metric without a prefix
 * @param percent whether it is a share, which the papers print in percent
 */
record PaperTable(String metric, boolean percent, List<Column> columns, List<Row> rows, List<String> notes) {
    private static final Set<String> TASKS =
            Set.of("supervised-classification", "linear-probe", "segmentation", "detection");
    private static final String ENCODER = "encoder";
    private static final String DATASET = "dataset";
    private static final String FRACTION = "fraction";

    /**
     * @param dataset what the sweep calls the data set
     * @param set whose it is; the same as {@code dataset} if the store does not know
     * @param fraction in (0, 1]
     */
    record Column(String dataset, String set, double fraction) {}

    /** @param published whether it is a paper's */
    record Row(String label, boolean published, List<@Nullable Cell> cells) {}

    /**
     * @param point number of the point; null for a paper's figure
     * @param trials of the point
     * @param candidates points of the sweep among which it is the best on validation data
     */
    record Cell(
            @Nullable Integer point,
            @Nullable Double mean,
            @Nullable Double std,
            int n,
            int trials,
            int candidates) {}

    /**
     * A table for each reported metric; none if the sweep's task has no such table or neither data set nor fraction vary.
     *
     * @param sets words of the data sets, by the names that the sweep uses
     */
    static List<PaperTable> of(SweepView view, Map<String, String> sets) {
        List<String> differing = view.comparison().parameters().differing();
        boolean varies = differing.contains(DATASET) || differing.contains(FRACTION);
        boolean complete = view.comparison().points().stream()
                .allMatch(point -> column(point, sets).isPresent());
        if (!TASKS.contains(view.task()) || !varies || !complete) {
            return List.of();
        }
        return view.comparison().objective().report().stream()
                .map(metric -> of(view, sets, metric))
                .toList();
    }

    private static PaperTable of(SweepView view, Map<String, String> sets, String metric) {
        Map<String, Map<Column, List<ComparedPoint>>> cells = new LinkedHashMap<>();
        Set<Column> seen = new LinkedHashSet<>();
        view.comparison().points().stream()
                .sorted(Comparator.comparingInt(ComparedPoint::number))
                .forEach(point -> seen.add(column(point, sets).orElseThrow()));
        for (ComparedPoint point : view.comparison().points()) {
            cells.computeIfAbsent(encoder(point), encoder -> new LinkedHashMap<>())
                    .computeIfAbsent(column(point, sets).orElseThrow(), column -> new ArrayList<>())
                    .add(point);
        }
        List<Column> columns = sorted(seen);
        List<Row> rows = new ArrayList<>();
        cells.forEach((encoder, row) -> rows.add(new Row(
                encoder,
                false,
                columns.stream()
                        .map(column -> cell(row.getOrDefault(column, List.of()), metric))
                        .toList())));
        List<String> notes = new ArrayList<>();
        addPublished(view.task(), metric, columns, rows, notes);
        return new PaperTable(metric, ParameterEffect.isShare(metric), columns, rows, notes);
    }

    /** Data sets in the order of the sweep, fractions from small to great. */
    private static List<Column> sorted(Set<Column> columns) {
        List<String> order = columns.stream().map(Column::dataset).distinct().toList();
        return columns.stream()
                .sorted(Comparator.comparingInt((Column column) -> order.indexOf(column.dataset()))
                        .thenComparingDouble(Column::fraction))
                .toList();
    }

    private static Optional<Column> column(ComparedPoint point, Map<String, String> sets) {
        String dataset = point.parameters().get(DATASET);
        OptionalDouble fraction = ParameterTexts.asNumber(point.parameters().get(FRACTION));
        return dataset == null || fraction.isEmpty()
                ? Optional.empty()
                : Optional.of(new Column(dataset, sets.getOrDefault(dataset, dataset), fraction.getAsDouble()));
    }

    private static String encoder(ComparedPoint point) {
        String encoder = point.parameters().getOrDefault(ENCODER, "null");
        return encoder.equals("null") ? "random encoder" : encoder;
    }

    /** @param points of the cell, best on validation data first */
    private static @Nullable Cell cell(List<ComparedPoint> points, String metric) {
        if (points.isEmpty()) {
            return null;
        }
        ComparedPoint best = points.get(0);
        Summary summary = best.metrics().get("test/" + metric);
        return new Cell(
                best.number(),
                summary == null ? null : summary.mean(),
                summary == null ? null : summary.std(),
                summary == null ? 0 : summary.n(),
                best.trials().size(),
                points.size());
    }

    private static void addPublished(
            String task, String metric, List<Column> columns, List<Row> rows, List<String> notes) {
        Map<String, List<PublishedFigure>> methods = new LinkedHashMap<>();
        for (PublishedFigure figure : PublishedFigure.of(task, metric)) {
            if (columns.stream().anyMatch(column -> fits(figure, column))) {
                methods.computeIfAbsent(figure.method(), method -> new ArrayList<>())
                        .add(figure);
                notes.add(figure.method() + ": " + figure.note());
            }
        }
        methods.forEach((method, figures) -> {
            List<@Nullable Cell> cells = new ArrayList<>();
            for (Column column : columns) {
                cells.add(figures.stream()
                        .filter(figure -> fits(figure, column))
                        .map(figure -> new Cell(null, figure.mean(), figure.std(), 0, 0, 0))
                        .findFirst()
                        .orElse(null));
            }
            rows.add(new Row(method, true, cells));
        });
        notes.add(
                methods.isEmpty()
                        ? "No figure of a paper for these cells is verified, so none stands here."
                        : "The papers' other figures are not verified, so their cells stay empty.");
    }

    private static boolean fits(PublishedFigure figure, Column column) {
        return figure.set().equals(column.set()) && figure.fraction() == column.fraction();
    }

    /**
     * A result that the paper of a method reports, as the method tells of it.
     *
     * @param set word of the data set
     * @param fraction of the training part
     * @param mean as a share of 1
     * @param std over seeds, as a share of 1; null if the paper tells none
     * @param note where it stands, and what about it is inferred
     */
    record PublishedFigure(
            String method,
            String set,
            double fraction,
            double mean,
            @Nullable Double std,
            String note) {
        /** Those of a table of this task by data set and fraction. */
        static List<PublishedFigure> of(String task, String metric) {
            GridCosts grids = new GridCosts(null);
            List<PublishedFigure> figures = new ArrayList<>();
            for (Method method : Methods.load().all()) {
                String label = method.schema().name().toUpperCase(Locale.ROOT) + ", as published";
                method.paper().stream()
                        .flatMap(paper -> paper.tables().stream())
                        .filter(table -> table.rows().equals(List.of(DATASET, FRACTION)))
                        .filter(table -> !table.published().isEmpty()
                                && grids.task(table.grid()).equals(task))
                        .flatMap(table -> table.published().stream())
                        .filter(published ->
                                published.metric().equals(metric) && published.start() == Paper.Start.PRETRAINED)
                        .forEach(published -> figures.add(of(label, published)));
            }
            return figures;
        }

        private static PublishedFigure of(String label, Paper.Published published) {
            return new PublishedFigure(
                    label,
                    Objects.requireNonNull(published.row().get(DATASET)),
                    Double.parseDouble(Objects.requireNonNull(published.row().get(FRACTION))),
                    published.mean(),
                    published.std(),
                    published.note());
        }
    }
}
