package perdura.cli.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import perdura.experiments.compare.ComparedPoint;
import perdura.experiments.compare.ComparedTrial;
import perdura.experiments.compare.Comparison;
import perdura.experiments.compare.MlflowPages;
import perdura.experiments.compare.ParameterEffect;
import perdura.experiments.compare.Summary;
import perdura.experiments.paper.FilledPaper.FilledCell;
import perdura.experiments.paper.FilledPaper.FilledRow;
import perdura.experiments.paper.FilledPaper.FilledTable;
import perdura.experiments.paper.FilledPaper.FoundPoint;
import perdura.grids.spec.Advice;
import perdura.training.method.Paper;
import perdura.training.method.Paper.Measure;
import perdura.training.method.Paper.Published;

/** The tables of a paper's page, with the runs behind each cell. */
final class PaperPageTables {
    private static final String DASH = "\u2013";

    private final PageText html;
    private final @Nullable String trackingUri;

    /** @param trackingUri of MLflow, for links; null without one */
    PaperPageTables(PageText html, @Nullable String trackingUri) {
        this.html = html;
        this.trackingUri = trackingUri;
    }

    /** The table, the commands that fill it, and the runs of each cell. */
    void write(FilledTable filledTable) {
        Paper.Table table = filledTable.table();
        html.line("h2", table.name() + ". " + table.title());
        html.raw("<div class=\"scroll\"><table class=\"paper\">\n<tr>");
        table.rows().forEach(path -> html.header(shortName(path), path));
        table.settings().forEach(path -> html.header(shortName(path), path));
        for (FilledCell cell : filledTable.rows().get(0).cells()) {
            for (Measure measure : table.measures()) {
                String start = table.starts().size() == 1 ? "" : cell.start().label();
                html.header(
                        measure.label()
                                + (ParameterEffect.isShare(measure.metric()) ? ", %" : "")
                                + (start.isEmpty() ? "" : ", " + start),
                        "test/" + measure.metric());
                if (isPublished(filledTable, cell, measure)) {
                    html.header("paper", "as the paper reports it");
                }
            }
        }
        html.raw("</tr>\n");
        for (int i = 0; i < filledTable.rows().size(); i++) {
            row(filledTable, filledTable.rows().get(i), i);
        }
        html.raw("</table></div>\n");
        table.notes().forEach(html::note);
        List<Published> published = published(filledTable);
        published.stream().map(Published::note).distinct().forEach(text -> html.note("Paper: " + text));
        if (published.isEmpty()) {
            html.note("No figure of the paper for these cells is verified, so none stands here.");
        }
        fillers(filledTable);
        for (int i = 0; i < filledTable.rows().size(); i++) {
            for (FilledCell cell : filledTable.rows().get(i).cells()) {
                details(filledTable, filledTable.rows().get(i), cell, i);
            }
        }
    }

    private static boolean isPublished(FilledTable table, FilledCell cell, Measure measure) {
        return published(table).stream()
                .anyMatch(each -> each.start() == cell.start() && each.metric().equals(measure.metric()));
    }

    /** Those of the rows that the table has: the small variant of a grid may lack some. */
    private static List<Published> published(FilledTable table) {
        return table.table().published().stream()
                .filter(each ->
                        table.rows().stream().anyMatch(row -> row.values().equals(each.row())))
                .toList();
    }

    private static String shortName(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    private void row(FilledTable filledTable, FilledRow row, int number) {
        Paper.Table table = filledTable.table();
        html.raw("<tr>");
        row.values().values().forEach(html::data);
        row.settings().values().forEach(html::data);
        for (FilledCell cell : row.cells()) {
            for (Measure measure : table.measures()) {
                html.raw("<td class=\"group\">");
                html.raw(ours(filledTable, cell, measure, id(table, cell, number)));
                html.raw("</td>");
                if (isPublished(filledTable, cell, measure)) {
                    html.data(paper(table, row, cell, measure));
                }
            }
        }
        html.raw("</tr>\n");
    }

    private String id(Paper.Table table, FilledCell cell, int row) {
        return (table.name() + "-" + row + "-" + cell.start())
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-");
    }

    private static String ours(FilledTable table, FilledCell cell, Measure measure, String id) {
        FoundPoint found = cell.found();
        if (found == null) {
            return "<small>" + DASH + "</small>";
        }
        if (found.point().provisional()) {
            return "<a href=\"#" + id + "\"><small class=\"warn\">"
                    + PageText.escape(ComparedPoint.StateWords.unfinished(found.point())) + "</small></a>";
        }
        Summary summary = found.point().metric("test/" + measure.metric());
        StringBuilder text = new StringBuilder();
        text.append("<a href=\"#").append(id).append("\"><b>");
        text.append(number(measure.metric(), summary.mean())).append("</b>");
        if (summary.std() != null) {
            text.append("<small> \u00b1 ")
                    .append(number(measure.metric(), summary.std()))
                    .append("</small>");
        }
        text.append("</a><small> n ").append(summary.n());
        text.append(summary.n() == table.trials() ? "" : " of " + table.trials());
        text.append(found.deviations().isEmpty() ? "" : " *").append("</small>");
        for (String key : measure.beside()) {
            text.append("<br><small>")
                    .append(PageText.escape(name(key)))
                    .append(' ')
                    .append(number(key, found.point().metric(key).mean()))
                    .append("</small>");
        }
        return text.toString();
    }

    /** Without what all keys begin with: {@code dice-empty}, {@code nearest-image/dice}. */
    private static String name(String key) {
        return key.substring(key.indexOf('/') + 1);
    }

    private static String number(String metric, @Nullable Double value) {
        if (value == null) {
            return DASH;
        }
        return ParameterEffect.isShare(metric)
                ? String.format(Locale.ROOT, "%.2f", 100 * value)
                : String.format(Locale.ROOT, "%.4g", value);
    }

    private static String paper(Paper.Table table, FilledRow row, FilledCell cell, Measure measure) {
        return table.published().stream()
                .filter(each -> each.start() == cell.start()
                        && each.metric().equals(measure.metric())
                        && each.row().equals(row.values()))
                .findFirst()
                .map(each -> number(each.metric(), each.mean())
                        + (each.std() == null ? "" : " \u00b1 " + number(each.metric(), each.std())))
                .orElse("");
    }

    /** The commands of the cells that lack results. */
    private void fillers(FilledTable table) {
        Set<String> commands = new LinkedHashSet<>();
        for (FilledRow row : table.rows()) {
            for (FilledCell cell : row.cells()) {
                if (cell.found() == null || !isWhole(table, cell.found().point())) {
                    commands.add(cell.command());
                }
            }
        }
        if (!commands.isEmpty()) {
            html.note("What is missing comes by");
            html.commands(List.copyOf(commands));
        }
    }

    private static boolean isWhole(FilledTable table, ComparedPoint point) {
        return point.isComplete() && point.trials().size() >= table.trials();
    }

    private void details(FilledTable filledTable, FilledRow row, FilledCell cell, int number) {
        FoundPoint found = cell.found();
        if (found == null) {
            return;
        }
        Paper.Table table = filledTable.table();
        Map<String, String> name = new LinkedHashMap<>(row.values());
        if (!cell.start().label().isEmpty()) {
            name.put("encoder", cell.start().label());
        }
        html.raw("<details id=\"").raw(id(table, cell, number)).raw("\"><summary>");
        html.raw(PageText.escape(name.entrySet().stream()
                .map(entry -> shortName(entry.getKey()) + " " + entry.getValue())
                .collect(Collectors.joining(", "))));
        html.raw("</summary>\n<ul>");
        found.deviations().forEach(text -> html.item("* " + text));
        found.protocol().forEach(html::item);
        if (found.candidates() > 1) {
            html.item("of " + found.candidates()
                    + " points that fit: the fewest deviations, then the best on validation data");
        }
        html.raw("</ul>\n");
        runs(table, found);
        html.raw("</details>\n");
    }

    private void runs(Paper.Table table, FoundPoint found) {
        Comparison comparison = found.view().comparison();
        List<String> keys = new ArrayList<>();
        table.measures().forEach(measure -> keys.addAll(measure.keys()));
        html.raw("<div class=\"scroll\"><table class=\"runs\"><tr>");
        html.header(comparison.over(), "what repeats the trial");
        html.header("state", "");
        keys.forEach(key -> html.header(name(key), key));
        html.header("run", "");
        html.header("MLflow", "");
        html.raw("</tr>\n");
        for (ComparedTrial trial : found.point().trials()) {
            html.raw("<tr>");
            html.data(comparison.replicate(trial));
            html.data(ComparedPoint.StateWords.word(trial.state()));
            keys.forEach(key -> html.data(
                    number(key.substring(key.indexOf('/') + 1), trial.metrics().get(key))));
            html.raw("<td><code>")
                    .raw(trial.runId() == null ? "not begun" : PageText.escape(Advice.RUNS_SHOW.of(trial.runId())))
                    .raw("</code></td><td>")
                    .raw(page(trial))
                    .raw("</td></tr>\n");
        }
        html.raw("</table></div>\n");
    }

    private String page(ComparedTrial trial) {
        return trackingUri == null
                ? DASH
                : MlflowPages.OfRun.find(trackingUri, trial.mlflowExperimentId(), trial.mlflowRunId())
                        .map(page -> "<a href=\"" + PageText.escape(page) + "\">page</a>")
                        .orElse(DASH);
    }
}
