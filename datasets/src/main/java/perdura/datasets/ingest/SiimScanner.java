package perdura.datasets.ingest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import perdura.datasets.source.CsvTable;
import perdura.datasets.source.SourceTree;
import perdura.datasets.split.totals.Counted;

/**
 * SIIM-ACR Pneumothorax Segmentation (prior.md 4.1): {@code dicom-images-train/<study>/<series>/<ImageId>.dcm} and
 * {@code train-rle.csv} with one or several rows of run lengths for each image, -1 for none.
 */
final class SiimScanner extends SetScanner {
    private static final String TABLE = "train-rle.csv";
    private static final String FOLDER = "dicom-images-train";
    static final List<String> MARKERS = List.of(TABLE, TABLE + ".gz");

    private final Map<String, List<IngestPlan.Sample.Runs>> rows = new TreeMap<>();
    private final Map<String, String> paths = new HashMap<>();

    SiimScanner(SourceTree tree, String top) {
        super(tree, top);
    }

    @Override
    Scan scan() throws IOException {
        boolean whole = read(TABLE, List.of("ImageId", "EncodedPixels"), this::add);
        tree.visit(top + FOLDER, path -> addFile(path, whole));
        List<IngestPlan.Sample> samples = new ArrayList<>(rows.size());
        rows.forEach((image, runs) -> {
            String path = paths.get(image);
            if (path == null) {
                faults.add(runs.get(0).place(), "image '" + image + "' has no file below " + top + FOLDER);
                Exclusion.FAULTY_IMAGE.count(leftOut, 1);
                Exclusion.FAULTY_SAMPLE.count(leftOut, 1);
            } else {
                samples.add(IngestPlan.Sample.image(image, path, isPositive(runs), List.of(), runs));
            }
        });
        count(Counted.IMAGES, rows.size());
        count(
                Counted.POSITIVE_IMAGES,
                rows.values().stream().filter(SiimScanner::isPositive).count());
        return found(samples, List.of("Pneumothorax"), rows.size(), rows.size());
    }

    private static boolean isPositive(List<IngestPlan.Sample.Runs> runs) {
        return runs.stream().anyMatch(row -> !row.text().equals("-1"));
    }

    private void add(CsvTable.Row row) {
        String image = row.value(0).strip();
        if (image.isEmpty()) {
            faults.add(row, "ImageId is blank, it must name an image");
            return;
        }
        rows.computeIfAbsent(image, i -> new ArrayList<>(1))
                .add(new IngestPlan.Sample.Runs(row.value(1).strip(), row.place()));
    }

    private void addFile(String path, boolean whole) {
        String image = nameOf(path, ".dcm");
        if (image == null) {
            return;
        }
        if (whole && !rows.containsKey(image)) {
            faults.add(tree.describe(path), "image without a row in the table " + TABLE);
        } else if (paths.putIfAbsent(image, path) != null) {
            faults.add(
                    tree.describe(path),
                    "image '" + image + "' lies here too, beside " + tree.describe(paths.get(image)));
        }
    }
}
