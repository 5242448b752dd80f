package perdura.datasets.ingest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.datasets.data.DataSet;
import perdura.datasets.file.PageTemplate;
import perdura.datasets.image.BilinearResize;
import perdura.datasets.image.GrayImage;
import perdura.datasets.image.JpegFile;

/** A data report as one HTML page that needs no other file: tables, bar charts and some images of the set, drawn by its script. */
final class ReportHtml {
    private static final int THUMBNAILS = 16;
    private static final int THUMBNAIL_SIDE = 128;

    private ReportHtml() {}

    /** The page. */
    static String of(DataReport report, DataSet data) throws IOException {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("report", report);
        shown.put("histograms", report.histograms().stream().map(Lengths::of).toList());
        shown.put("images", images(data));
        shown.put("faults", report.faults().stream().map(String::valueOf).toList());
        String json = new String(IngestJson.bytes(shown), StandardCharsets.UTF_8);
        return PageTemplate.fill(
                ReportHtml.class,
                "report.html",
                Map.of(
                        "text",
                        PageTemplate.escape(ReportText.of(report)),
                        "title",
                        PageTemplate.escape("Data set " + report.set() + " (" + report.profile() + ")"),
                        "style",
                        PageTemplate.resource(ReportHtml.class, "report.css"),
                        "data",
                        PageTemplate.inScript(json),
                        "script",
                        PageTemplate.resource(ReportHtml.class, "report.js")));
    }

    private record Lengths(String title, Map<Integer, Long> counts, int median, int most) {
        static Lengths of(DataReport.Histogram histogram) {
            return new Lengths(
                    histogram.title(),
                    histogram.counts(),
                    ReportText.quantile(histogram, 0.5),
                    ReportText.quantile(histogram, 1));
        }
    }

    /** @param src a data URI */
    private record Thumbnail(String id, String src) {}

    private static List<Thumbnail> images(DataSet data) throws IOException {
        List<Thumbnail> images = new ArrayList<>();
        long count = Math.min(THUMBNAILS, data.size());
        byte[] pixels = new byte[data.images().rowBytes()];
        int side = (int) Math.sqrt(pixels.length);
        for (long i = 0; i < count; i++) {
            long row = i * data.size() / count;
            data.images().read(data.firstImage(row), pixels, 0);
            images.add(new Thumbnail(data.sampleId(row), jpeg(new GrayImage(side, side, pixels))));
        }
        return images;
    }

    private static String jpeg(GrayImage image) throws IOException {
        int side = Math.min(THUMBNAIL_SIDE, image.width());
        byte[] pixels = BilinearResize.resize(image, side, side).pixels();
        return "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(JpegFile.encode(pixels, side, side));
    }
}
