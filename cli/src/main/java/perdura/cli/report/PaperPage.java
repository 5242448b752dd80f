package perdura.cli.report;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.datasets.file.PageTemplate;
import perdura.experiments.paper.FilledPaper;
import perdura.grids.spec.Advice;
import perdura.training.method.Paper;

/** The page of a paper: plain HTML that needs no other file and no script. The same store gives the same bytes. */
public final class PaperPage {
    private final FilledPaper filled;
    private final List<Drawn> drawings;
    private final PageText html = new PageText();

    private PaperPage(FilledPaper filled, List<Drawn> drawings) {
        this.filled = filled;
        this.drawings = List.copyOf(drawings);
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
        PaperPage page = new PaperPage(filled, drawings);
        page.head();
        page.start();
        filled.tables().forEach(new PaperPageTables(page.html, trackingUri)::write);
        drawings.forEach(page::figure);
        return PageTemplate.fill(
                PaperPage.class,
                "paper.html",
                Map.of(
                        "title", PageTemplate.escape(filled.paper().title()),
                        "style", PageTemplate.resource(PaperPage.class, "page.css"),
                        "body", page.html.toString()));
    }

    private void head() {
        html.line("h1", filled.paper().title());
        html.line(
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
        html.raw("<div class=\"tiles\">");
        tile(full + " of " + cells, "cells of tables filled");
        tile(drawn + " of " + drawings.size(), "figures drawn");
        html.raw("</div>\n");
    }

    private void tile(String big, String small) {
        html.raw("<div class=\"tile\"><b>")
                .raw(big)
                .raw("</b><span>")
                .raw(small)
                .raw("</span></div>");
    }

    private void start() {
        html.line("h2", "Data and pre-training");
        html.raw("<dl>\n");
        filled.data()
                .forEach((name, digest) ->
                        html.term(name, digest == null ? "not in the store" : "data set " + digest.substring(0, 12)));
        filled.pretraining().ifPresent(pretraining -> {
            html.term("pre-training", pretraining.run().runId() + ", profile " + pretraining.profile());
            html.term(
                    "its data",
                    String.valueOf(pretraining.run().binding().dataDigest()).substring(0, 12));
            html.term("its seed", String.valueOf(pretraining.run().identity().seed()));
            if (!pretraining.deviations().isEmpty()) {
                html.term("leaves the authors' values", String.join(", ", pretraining.deviations()));
            }
        });
        html.raw("</dl>\n");
        if (filled.data().containsValue(null)) {
            html.note("A data set that is missing comes by " + Advice.DATA_INGEST.in("SET", "DIR")
                    + ", or, made up, after " + Advice.DATA_SYNTH.in("FORMAT")
                    + ", under the name above (--name).");
        }
        if (filled.pretraining().isEmpty()) {
            html.note("No pre-training by " + filled.method()
                    + " is finished. This makes one; its id stands for RUN below.");
            html.commands(List.of(Advice.PRETRAIN.of(filled.method() + ".yaml")));
            html.note("with a file " + filled.method() + ".yaml such as");
            html.commands(List.of(
                    "apiVersion: perdura/v1",
                    "kind: Pretrain",
                    "name: " + filled.method(),
                    "method: " + filled.method(),
                    "profile: " + (filled.small() ? "small" : "paper"),
                    "data: {dataset: " + filled.paper().dataset() + "}"));
        }
    }

    private void figure(Drawn drawn) {
        html.line("h2", drawn.drawing().name() + ". " + drawn.drawing().title());
        for (Image image : drawn.images()) {
            if (image.type().equals(Image.HTML)) {
                html.raw("<iframe sandbox srcdoc=\"")
                        .raw(PageText.escape(image.content()))
                        .raw("\"></iframe>\n");
            } else {
                html.raw("<figure><img alt=\"")
                        .raw(PageText.escape(drawn.drawing().title()))
                        .raw("\" src=\"data:")
                        .raw(image.type())
                        .raw(";base64,")
                        .raw(image.content())
                        .raw("\"></figure>\n");
            }
        }
        if (!drawn.lack().isEmpty()) {
            html.note("Not drawn: " + drawn.lack());
        }
        if (!drawn.commands().isEmpty()) {
            html.commands(drawn.commands());
        }
    }
}
