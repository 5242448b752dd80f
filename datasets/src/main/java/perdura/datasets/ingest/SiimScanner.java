package perdura.datasets.ingest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import perdura.datasets.source.CsvTable;
import perdura.datasets.source.FaultList;
import perdura.datasets.source.SourceTree;
import perdura.datasets.split.totals.Counted;

/**
 * SIIM-ACR Pneumothorax Segmentation (prior.md 4.1): {@code train-rle.csv} with one or several rows of run lengths for each image,
 * or one with -1 for none, and {@code <ImageId>.dcm} anywhere beside it; the owner puts them into
 * {@code dicom-images-train/<study>/<series>}.
 */
final class SiimScanner extends SetScanner {
    private static final String TABLE = "train-rle.csv";
    private static final String TEST_FOLDER = "dicom-images-test/";
    private static final String NONE = "-1";
    static final List<String> MARKERS = List.of(TABLE, TABLE + ".gz");

    private final Map<String, List<IngestPlan.Sample.Runs>> rows = new TreeMap<>();
    private final Map<String, String> paths = new HashMap<>();

    /** Images with a row that says that they have no run lengths. */
    private final Set<String> empty = new HashSet<>();

    /** Of a row of these nobody can say what it means. */
    private final Set<String> faulty = new HashSet<>();

    SiimScanner(SourceTree tree, String top, FaultList faults) {
        super(tree, top, faults);
    }

    @Override
    Scan scan() throws IOException {
        boolean whole = read(TABLE, List.of("ImageId", "EncodedPixels"), this::add);
        tree.visit(top, path -> addFile(path, whole));
        List<IngestPlan.Sample> samples = new ArrayList<>(rows.size());
        rows.forEach((image, runs) -> {
            String path = paths.get(image);
            if (path == null) {
                faults.add(
                        runs.get(0).place(),
                        "image '" + image + "' has no file " + image + ".dcm below the table's folder");
                faulty.add(image);
            } else if (!faulty.contains(image)) {
                samples.add(IngestPlan.Sample.image(image, path, isPositive(runs), List.of(), runs));
            }
        });
        Exclusion.FAULTY_IMAGE.count(leftOut, faulty.size());
        Exclusion.FAULTY_SAMPLE.count(leftOut, faulty.size());
        faulty.addAll(rows.keySet());
        count(Counted.IMAGES, faulty.size());
        count(
                Counted.POSITIVE_IMAGES,
                rows.values().stream().filter(SiimScanner::isPositive).count());
        return found(samples, List.of("Pneumothorax"), faulty.size(), faulty.size());
    }

    private static boolean isPositive(List<IngestPlan.Sample.Runs> runs) {
        return runs.stream().anyMatch(row -> !row.text().equals(NONE));
    }

    private void add(CsvTable.Row row) {
        String image = row.value(0).strip();
        String text = row.value(1).strip();
        if (image.isEmpty()) {
            leaveOut(row, "ImageId is blank, it must name an image");
            return;
        }
        if (text.isEmpty()) {
            fault(
                    row,
                    image,
                    "EncodedPixels is blank, it must be run lengths, or -1 for an image without pneumothorax");
            return;
        }
        List<IngestPlan.Sample.Runs> runs = rows.computeIfAbsent(image, i -> new ArrayList<>(1));
        runs.add(new IngestPlan.Sample.Runs(text, row.place()));
        if (text.equals(NONE)) {
            empty.add(image);
        }
        if (runs.size() > 1 && empty.contains(image)) {
            fault(row, image, "image '" + image + "' has several rows, so EncodedPixels of none of them can be -1");
        }
    }

    private void fault(CsvTable.Row row, String image, String reason) {
        faulty.add(image);
        faults.add(row, reason);
    }

    private void addFile(String path, boolean whole) {
        String image = dicomName(path);
        if (image == null) {
            return;
        }
        boolean isListed = rows.containsKey(image) || faulty.contains(image) || isMentioned(image);
        if (whole && !isListed && path.startsWith(top + TEST_FOLDER)) {
            Exclusion.WITHOUT_LABEL.count(leftOut, 1);
        } else if (whole && !isListed) {
            faults.add(tree.describe(path), "image without a row in the table " + TABLE);
        } else if (paths.putIfAbsent(image, path) != null) {
            faults.add(
                    tree.describe(path),
                    "image '" + image + "' lies here too, beside " + tree.describe(paths.get(image)));
        }
    }
}
