package perdura.datasets.ingest;

import java.io.IOException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import perdura.datasets.data.DataSet;
import perdura.datasets.image.BilinearResize;
import perdura.datasets.image.GrayImage;
import perdura.datasets.image.GrayJpeg;

/** A data report as one HTML page that needs no other file: tables, bar charts and some images of the set. */
final class ReportHtml {
    private static final int THUMBNAILS = 16;
    private static final int THUMBNAIL_SIDE = 128;
    private static final int BARS = 60;

    private static final String STYLE = """
            body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
            h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
            table { border-collapse: collapse } td, th { padding: .15rem .8rem .15rem 0; text-align: left }
            td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
            code { font-size: .85rem } .faults li { font-family: monospace; font-size: .8rem }
            figure { display: inline-block; margin: .2rem } figcaption { font-size: .7rem; max-width: 128px; overflow: hidden; text-overflow: ellipsis }
            rect { fill: #0072B2 } text { font-size: 11px; fill: #555 }
            """;

    private final DataReport report;
    private final StringBuilder out = new StringBuilder();

    private ReportHtml(DataReport report) {
        this.report = report;
    }

    /** The page. */
    static String of(DataReport report, DataSet data) throws IOException {
        ReportHtml page = new ReportHtml(report);
        page.write(data);
        return page.out.toString();
    }

    private void write(DataSet data) throws IOException {
        String title = "Data set " + report.set() + " (" + report.profile() + ")";
        out.append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>")
                .append(escape(title))
                .append("</title><style>")
                .append(STYLE)
                .append("</style><h1>")
                .append(escape(title))
                .append("</h1><p>Digest <code>")
                .append(report.digest())
                .append("</code></p>");
        counts();
        labels();
        if (!report.histograms().isEmpty()) {
            out.append("<h2>Lengths</h2>");
            report.histograms().forEach(this::histogram);
        }
        published();
        images(data);
        faults();
        out.append("</html>\n");
    }

    private void counts() {
        out.append("<h2>What was kept, and what was not</h2><table>");
        row("images listed", report.imagesListed());
        row("samples listed", report.samplesListed());
        report.leftOut().forEach(c -> row("left out: " + c.what(), c.count()));
        row("samples", report.samples());
        row("patients", report.patients());
        row("images", report.images());
        report.splits().forEach((split, count) -> row("split " + split, count));
        if (report.sentences() > 0) {
            row("sentences", report.sentences());
            row("distinct sentences", report.distinctSentences());
        }
        report.cut().forEach(c -> row(c.what(), c.count()));
        row("faults", report.faultCount());
        out.append("</table>");
        report.pixels()
                .forEach((split, s) -> out.append(String.format(
                        Locale.ROOT,
                        "<p>Pixels of split %s: mean %.4f, deviation %.4f</p>",
                        escape(split),
                        s.mean(),
                        s.deviation())));
    }

    private void row(String what, long count) {
        out.append("<tr><td>")
                .append(escape(what))
                .append("<td class=n>")
                .append(String.format(Locale.ROOT, "%,d", count))
                .append("</tr>");
    }

    private void labels() {
        if (report.labels().isEmpty()) {
            return;
        }
        out.append("<h2>Labels</h2><table><tr><th>label<th>split<th class=n>positive<th class=n>negative"
                + "<th class=n>uncertain<th class=n>blank<th>share of positives</tr>");
        for (DataReport.LabelCount label : report.labels()) {
            long all = label.positive() + label.negative() + label.uncertain() + label.blank();
            double share = all == 0 ? 0 : (double) label.positive() / all;
            out.append(String.format(
                    Locale.ROOT,
                    "<tr><td>%s<td>%s<td class=n>%,d<td class=n>%,d<td class=n>%,d<td class=n>%,d"
                            + "<td><svg width=160 height=12><rect width=\"%.1f\" height=12 /></svg> %.1f %%</tr>",
                    escape(label.label()),
                    escape(label.split()),
                    label.positive(),
                    label.negative(),
                    label.uncertain(),
                    label.blank(),
                    160 * share,
                    100 * share));
        }
        out.append("</table>");
    }

    /** Bars of equal width; sizes beyond the last bar are in it. */
    private void histogram(DataReport.Histogram histogram) {
        int most = ReportText.quantile(histogram, 1);
        int width = Math.max(1, (most + BARS) / BARS);
        long[] bars = new long[most / width + 1];
        for (Map.Entry<Integer, Long> entry : histogram.counts().entrySet()) {
            bars[entry.getKey() / width] += entry.getValue();
        }
        long tallest = 1;
        for (long bar : bars) {
            tallest = Math.max(tallest, bar);
        }
        out.append("<p>")
                .append(escape(histogram.title()))
                .append(": median ")
                .append(ReportText.quantile(histogram, 0.5))
                .append(", most ")
                .append(most)
                .append("</p><svg width=\"")
                .append(bars.length * 10 + 40)
                .append("\" height=\"120\">");
        for (int i = 0; i < bars.length; i++) {
            double height = 100.0 * bars[i] / tallest;
            out.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%d\" y=\"%.1f\" width=\"8\" height=\"%.1f\"><title>%d: %d</title></rect>",
                    i * 10,
                    100 - height,
                    height,
                    i * width,
                    bars[i]));
        }
        out.append(String.format(
                Locale.ROOT,
                "<text x=\"0\" y=\"115\">0</text><text x=\"%d\" y=\"115\">%d</text></svg>",
                Math.max(20, bars.length * 10 - 20),
                most));
    }

    private void published() {
        if (report.published().isEmpty()) {
            return;
        }
        out.append(
                "<h2>Published totals</h2><table><tr><th>what<th class=n>published<th class=n>here<th><th>source</tr>");
        for (DataReport.Published total : report.published()) {
            out.append(String.format(
                    Locale.ROOT,
                    "<tr><td>%s<td class=n>%,d<td class=n>%,d<td>%s<td>%s</tr>",
                    escape(total.what()),
                    total.published(),
                    total.found(),
                    total.agrees() ? "agrees" : "differs",
                    escape(total.source())));
        }
        out.append("</table>");
    }

    private void images(DataSet data) throws IOException {
        out.append("<h2>Some images, as a model gets them</h2>");
        long count = Math.min(THUMBNAILS, data.size());
        byte[] pixels = new byte[data.images().rowBytes()];
        int side = (int) Math.sqrt(pixels.length);
        for (long i = 0; i < count; i++) {
            long row = i * data.size() / count;
            data.images().read(data.firstImage(row), pixels, 0);
            out.append("<figure><img width=128 alt=\"\" src=\"data:image/jpeg;base64,")
                    .append(jpeg(new GrayImage(side, side, pixels)))
                    .append("\"><figcaption>")
                    .append(escape(data.sampleId(row)))
                    .append("</figcaption></figure>");
        }
    }

    private static String jpeg(GrayImage image) throws IOException {
        int side = Math.min(THUMBNAIL_SIDE, image.width());
        byte[] pixels = BilinearResize.resize(image, side, side).pixels();
        return Base64.getEncoder().encodeToString(GrayJpeg.encode(pixels, side, side));
    }

    private void faults() {
        if (report.faultCount() == 0) {
            return;
        }
        out.append("<h2>Faults</h2><ul class=faults>");
        report.faults()
                .forEach(fault ->
                        out.append("<li>").append(escape(fault.toString())).append("</li>"));
        out.append("</ul>");
        long more = report.faultCount() - report.faults().size();
        if (more > 0) {
            out.append("<p>and ").append(more).append(" more in <code>faults.jsonl</code></p>");
        }
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
