package perdura.datasets.ingest;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import perdura.datasets.source.FaultList.DataFault;

/** A data report as plain text. */
public final class ReportText {
    private final StringBuilder out = new StringBuilder();

    private ReportText() {}

    /** The whole report; ends with a line break. */
    public static String of(DataReport report) {
        ReportText text = new ReportText();
        text.write(report);
        text.faults(report);
        return text.out.toString();
    }

    /** The report with the counts of faults, and without the faults themselves; ends with a line break. */
    public static String withoutFaults(DataReport report) {
        ReportText text = new ReportText();
        text.write(report);
        text.countFaults(report);
        return text.out.toString();
    }

    private void write(DataReport report) {
        line("Data set %s, rules of %s, images of %d pixels", report.set(), report.profile(), report.imageSize());
        if (!report.digest().isEmpty()) {
            line("digest %s", report.digest());
        }
        line("");
        count("images listed", report.imagesListed());
        count("samples listed", report.samplesListed());
        report.leftOut().forEach(c -> count("  left out: " + c.what(), c.count()));
        count("samples", report.samples());
        count("patients", report.patients());
        count("images", report.images());
        report.splits().forEach((split, samples) -> count("  split " + split, samples));
        if (report.sentences() > 0) {
            count("sentences", report.sentences());
            count("  distinct", report.distinctSentences());
            report.cut().forEach(c -> count("  " + c.what(), c.count()));
        }
        report.pixels()
                .forEach((split, s) ->
                        line("pixels of split %s: mean %.4f, deviation %.4f", split, s.mean(), s.deviation()));
        labels(report);
        report.histograms().forEach(this::histogram);
        published(report);
    }

    private void labels(DataReport report) {
        if (report.labels().isEmpty()) {
            return;
        }
        line("");
        line("%-28s %-9s %9s %9s %9s %9s", "label", "split", "positive", "negative", "uncertain", "blank");
        report.labels()
                .forEach(l -> line(
                        "%-28s %-9s %9d %9d %9d %9d",
                        l.label(), l.split(), l.positive(), l.negative(), l.uncertain(), l.blank()));
    }

    private void histogram(DataReport.Histogram histogram) {
        line("");
        line("%s: median %d, most %d", histogram.title(), quantile(histogram, 0.5), quantile(histogram, 1));
    }

    /** The least size that this share of all does not exceed. */
    static int quantile(DataReport.Histogram histogram, double share) {
        long all =
                histogram.counts().values().stream().mapToLong(Long::longValue).sum();
        long seen = 0;
        int size = 0;
        for (var entry : histogram.counts().entrySet()) {
            seen += entry.getValue();
            size = entry.getKey();
            if (seen >= share * all) {
                break;
            }
        }
        return size;
    }

    private void published(DataReport report) {
        if (report.published().isEmpty()) {
            return;
        }
        line("");
        line("%-44s %10s %10s %-9s %s", "published totals of the whole set", "published", "here", "", "source");
        for (DataReport.Published total : report.published()) {
            line(
                    "%-44s %10d %10d %-9s %s",
                    total.what(),
                    total.published(),
                    total.found(),
                    total.agrees() ? "agrees" : "differs",
                    total.source());
        }
    }

    private void countFaults(DataReport report) {
        line("");
        count("faults", report.faultCount());
        report.faultsByReason().forEach(c -> line("  %9d  %s", c.count(), c.what()));
    }

    private void faults(DataReport report) {
        countFaults(report);
        if (report.faultCount() > 0) {
            line("");
        }
        List<DataFault> shown = new ArrayList<>(report.faults());
        shown.forEach(fault -> line("  %s", fault));
        if (report.faultCount() > shown.size()) {
            line("  and %d more; see " + FaultFile.NAME, report.faultCount() - shown.size());
        }
    }

    private void count(String what, long count) {
        line("%-60s %12d", what, count);
    }

    private void line(String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
