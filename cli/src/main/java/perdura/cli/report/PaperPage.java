package perdura.cli.report;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import perdura.datasets.file.PageTemplate;
import perdura.experiments.compare.ComparedPoint;
import perdura.experiments.compare.ComparedTrial;
import perdura.experiments.compare.Comparison;
import perdura.experiments.compare.MlflowPages;
import perdura.experiments.compare.ParameterEffect;
import perdura.experiments.compare.Summary;
import perdura.experiments.paper.FilledPaper;
import perdura.experiments.paper.FilledPaper.FilledCell;
import perdura.experiments.paper.FilledPaper.FilledRow;
import perdura.experiments.paper.FilledPaper.FilledTable;
import perdura.experiments.paper.FilledPaper.FoundPoint;
import perdura.training.method.Paper;
import perdura.training.method.Paper.Measure;
import perdura.training.method.Paper.Published;

/** The page of a paper: plain HTML that needs no other file and no script. The same store gives the same bytes. */
public final class PaperPage {
    private static final String DASH = "\u2013";

    private final FilledPaper filled;
    private final List<Drawn> drawings;
    private final @Nullable String trackingUri;
    private final StringBuilder html = new StringBuilder();

    private PaperPage(FilledPaper filled, List<Drawn> drawings, @Nullable String trackingUri) {
        this.filled = filled;
        this.drawings = List.copyOf(drawings);
        this.trackingUri = trackingUri;
    }

    /**
     * A figure as it stands on the page.
     *
     * @param images in order; empty if there is nothing to draw it from
     * @param lack why there are none; empty if there are
     * @param commands that draw it, in order
     */
    public record Drawn(Paper.Drawing drawing, List<Image> images, String lack, List<String> commands) {
        public Drawn {
            images = List.copyOf(images);
            commands = List.copyOf(commands);
        }
    }

    /**
     * A file of a figure.
     *
     * @param type of its contents: {@code image/png}, {@code image/svg+xml} or {@code text/html}
     * @param content an HTML page as it is, a picture in Base64
     */
    public record Image(String type, String content) {
        static final String HTML = "text/html";

        /** @param bytes of the file */
        public static Image of(String type, byte[] bytes) {
            return new Image(
                    type,
                    type.equals(HTML)
                            ? new String(bytes, StandardCharsets.UTF_8)
                            : Base64.getEncoder().encodeToString(bytes));
        }
    }

    /**
     * The page.
     *
     * @param drawings in the order of the paper
     * @param trackingUri of MLflow, for links; null without one
     */
    public static String html(FilledPaper filled, List<Drawn> drawings, @Nullable String trackingUri) {
        PaperPage page = new PaperPage(filled, drawings, trackingUri);
        page.head();
        page.start();
        filled.tables().forEach(page::table);
        drawings.forEach(page::figure);
        return PageTemplate.fill(
                PaperPage.class,
                "paper.html",
                Map.of(
                        "title", PageTemplate.escape(filled.paper().title()),
                        "style", PageTemplate.resource(PaperPage.class, "page.css"),
                        "body", page.html.toString()));
    }

    private static String escape(String text) {
        return PageTemplate.escape(text);
    }

    private void line(String tag, String text) {
        html.append('<')
                .append(tag)
                .append('>')
                .append(escape(text))
                .append("</")
                .append(tag)
                .append(">\n");
    }

    private void note(String text) {
        html.append("<p class=\"note\">").append(escape(text)).append("</p>\n");
    }

    private void commands(List<String> commands) {
        html.append("<pre><code>")
                .append(commands.stream().map(PaperPage::escape).collect(Collectors.joining("\n")))
                .append("</code></pre>\n");
    }

    // --- what all of it begins with

    private void head() {
        line("h1", filled.paper().title());
        line(
                "p",
                "Our results" + (filled.small() ? " with the small variants of the ready grids" : "")
                        + ", mean \u00b1 standard deviation with the number of runs, and the paper's where they are verified ("
                        + filled.paper().source()
                        + "). A cell without a number has not run. Shares are in percent. Every number leads to its runs.");
        long cells = filled.tables().stream()
                .flatMap(table -> table.rows().stream())
                .mapToLong(row -> row.cells().size())
                .sum();
        long full = filled.tables().stream()
                .flatMap(table -> table.rows().stream())
                .flatMap(row -> row.cells().stream())
                .filter(cell -> cell.found() != null && !cell.found().point().provisional())
                .count();
        long drawn = drawings.stream().filter(each -> !each.images().isEmpty()).count();
        html.append("<div class=\"tiles\">");
        tile(full + " of " + cells, "cells of tables filled");
        tile(drawn + " of " + drawings.size(), "figures drawn");
        html.append("</div>\n");
    }

    private void tile(String big, String small) {
        html.append("<div class=\"tile\"><b>")
                .append(big)
                .append("</b><span>")
                .append(small)
                .append("</span></div>");
    }

    private void start() {
        line("h2", "Data and pre-training");
        html.append("<dl>\n");
        filled.data()
                .forEach((name, digest) ->
                        term(name, digest == null ? "not in the store" : "data set " + digest.substring(0, 12)));
        filled.pretraining().ifPresent(pretraining -> {
            term("pre-training", pretraining.run().runId() + ", profile " + pretraining.profile());
            term(
                    "its data",
                    String.valueOf(pretraining.run().binding().dataDigest()).substring(0, 12));
            term("its seed", String.valueOf(pretraining.run().identity().seed()));
            if (!pretraining.deviations().isEmpty()) {
                term("leaves the authors' values", String.join(", ", pretraining.deviations()));
            }
        });
        html.append("</dl>\n");
        if (filled.data().containsValue(null)) {
            note(
                    "A data set that is missing comes by 'perdura data ingest', or made up by 'perdura data synth', under the name above"
                            + " (--name).");
        }
        if (filled.pretraining().isEmpty()) {
            note("No pre-training by " + filled.method()
                    + " is finished. This makes one; its id stands for RUN below.");
            commands(List.of("perdura pretrain -f " + filled.method() + ".yaml"));
            note("with a file " + filled.method() + ".yaml such as");
            commands(List.of(
                    "apiVersion: perdura/v1",
                    "kind: Pretrain",
                    "name: " + filled.method(),
                    "method: " + filled.method(),
                    "profile: " + (filled.small() ? "small" : "paper"),
                    "data: {dataset: " + filled.paper().dataset() + "}"));
        }
    }

    private void term(String name, String text) {
        html.append("<dt>")
                .append(escape(name))
                .append("</dt><dd>")
                .append(escape(text))
                .append("</dd>\n");
    }

    // --- tables

    private void table(FilledTable filledTable) {
        Paper.Table table = filledTable.table();
        line("h2", table.name() + ". " + table.title());
        html.append("<div class=\"scroll\"><table class=\"paper\">\n<tr>");
        table.rows().forEach(path -> header(shortName(path), path));
        table.settings().forEach(path -> header(shortName(path), path));
        for (FilledCell cell : filledTable.rows().get(0).cells()) {
            for (Measure measure : table.measures()) {
                String start = table.starts().size() == 1 ? "" : cell.start().label();
                header(
                        measure.label()
                                + (ParameterEffect.isShare(measure.metric()) ? ", %" : "")
                                + (start.isEmpty() ? "" : ", " + start),
                        "test/" + measure.metric());
                if (isPublished(filledTable, cell, measure)) {
                    header("paper", "as the paper reports it");
                }
            }
        }
        html.append("</tr>\n");
        for (int i = 0; i < filledTable.rows().size(); i++) {
            row(filledTable, filledTable.rows().get(i), i);
        }
        html.append("</table></div>\n");
        table.notes().forEach(this::note);
        List<Published> published = published(filledTable);
        published.stream().map(Published::note).distinct().forEach(text -> note("Paper: " + text));
        if (published.isEmpty()) {
            note("No figure of the paper for these cells is verified, so none stands here.");
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

    private void header(String text, String title) {
        html.append("<th title=\"")
                .append(escape(title))
                .append("\">")
                .append(escape(text))
                .append("</th>");
    }

    private static String shortName(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    private void row(FilledTable filledTable, FilledRow row, int number) {
        Paper.Table table = filledTable.table();
        html.append("<tr>");
        row.values().values().forEach(this::data);
        row.settings().values().forEach(this::data);
        for (FilledCell cell : row.cells()) {
            for (Measure measure : table.measures()) {
                html.append("<td class=\"group\">");
                html.append(ours(filledTable, cell, measure, id(table, cell, number)));
                html.append("</td>");
                if (isPublished(filledTable, cell, measure)) {
                    data(paper(table, row, cell, measure));
                }
            }
        }
        html.append("</tr>\n");
    }

    private void data(String text) {
        html.append("<td>").append(escape(text)).append("</td>");
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
                    + escape(ComparedPoint.StateWords.unfinished(found.point())) + "</small></a>";
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
                    .append(escape(name(key)))
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
            note("What is missing comes by");
            commands(List.copyOf(commands));
        }
    }

    private static boolean isWhole(FilledTable table, ComparedPoint point) {
        return point.isComplete() && point.trials().size() >= table.trials();
    }

    // --- runs

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
        html.append("<details id=\"").append(id(table, cell, number)).append("\"><summary>");
        html.append(escape(name.entrySet().stream()
                .map(entry -> shortName(entry.getKey()) + " " + entry.getValue())
                .collect(Collectors.joining(", "))));
        html.append("</summary>\n<ul>");
        found.deviations().forEach(text -> item("* " + text));
        found.protocol().forEach(this::item);
        if (found.candidates() > 1) {
            item("of " + found.candidates()
                    + " points that fit: the fewest deviations, then the best on validation data");
        }
        html.append("</ul>\n");
        runs(table, found);
        html.append("</details>\n");
    }

    private void item(String text) {
        html.append("<li>").append(escape(text)).append("</li>");
    }

    private void runs(Paper.Table table, FoundPoint found) {
        Comparison comparison = found.view().comparison();
        List<String> keys = new ArrayList<>();
        table.measures().forEach(measure -> keys.addAll(measure.keys()));
        html.append("<div class=\"scroll\"><table class=\"runs\"><tr>");
        header(comparison.over(), "what repeats the trial");
        header("state", "");
        keys.forEach(key -> header(name(key), key));
        header("run", "");
        header("MLflow", "");
        html.append("</tr>\n");
        for (ComparedTrial trial : found.point().trials()) {
            html.append("<tr>");
            data(comparison.replicate(trial));
            data(ComparedPoint.StateWords.word(trial.state()));
            keys.forEach(key -> data(
                    number(key.substring(key.indexOf('/') + 1), trial.metrics().get(key))));
            html.append("<td><code>")
                    .append(trial.runId() == null ? "not begun" : "perdura runs show " + escape(trial.runId()))
                    .append("</code></td><td>")
                    .append(page(trial))
                    .append("</td></tr>\n");
        }
        html.append("</table></div>\n");
    }

    private String page(ComparedTrial trial) {
        return trackingUri == null
                ? DASH
                : MlflowPages.OfRun.find(trackingUri, trial.mlflowExperimentId(), trial.mlflowRunId())
                        .map(page -> "<a href=\"" + escape(page) + "\">page</a>")
                        .orElse(DASH);
    }

    // --- figures

    private void figure(Drawn drawn) {
        line("h2", drawn.drawing().name() + ". " + drawn.drawing().title());
        for (Image image : drawn.images()) {
            if (image.type().equals(Image.HTML)) {
                html.append("<iframe sandbox srcdoc=\"")
                        .append(escape(image.content()))
                        .append("\"></iframe>\n");
            } else {
                html.append("<figure><img alt=\"")
                        .append(escape(drawn.drawing().title()))
                        .append("\" src=\"data:")
                        .append(image.type())
                        .append(";base64,")
                        .append(image.content())
                        .append("\"></figure>\n");
            }
        }
        if (!drawn.lack().isEmpty()) {
            note("Not drawn: " + drawn.lack());
        }
        if (!drawn.commands().isEmpty()) {
            commands(drawn.commands());
        }
    }
}
