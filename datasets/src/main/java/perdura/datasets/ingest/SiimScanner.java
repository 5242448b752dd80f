package perdura.datasets.ingest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import perdura.datasets.source.CsvTable;
import perdura.datasets.source.FaultList;
import perdura.datasets.source.SourceTree;
import perdura.datasets.split.totals.Counted;
import perdura.grids.spec.IngestSpec;

/**
 * SIIM-ACR Pneumothorax Segmentation (prior.md 4.1): {@code dicom-images-train/<study>/<series>/<ImageId>.dcm} and
 * {@code train-rle.csv} with one or several rows of run lengths for each image, -1 for none.
 */
final class SiimScanner implements SetScanner {
    private static final String TABLE = "train-rle.csv";
    private static final String FOLDER = "dicom-images-train";

    @Override
    public List<String> markers() {
        return List.of(TABLE, TABLE + ".gz");
    }

    @Override
    public Scan scan(SourceTree tree, String top, IngestSpec spec) throws IOException {
        return new Tables(tree, top).read();
    }

    /** The table and the files of one data set while they are read. */
    private static final class Tables {
        private final SourceTree tree;
        private final String top;
        private final FaultList faults = new FaultList(SetScanner.MOST_FAULTS);
        private final Exclusion.Counts counts = new Exclusion.Counts();
        private final Map<String, List<IngestPlan.Sample.Runs>> rows = new TreeMap<>();
        private final Map<String, String> paths = new HashMap<>();

        Tables(SourceTree tree, String top) {
            this.tree = tree;
            this.top = top;
        }

        Scan read() throws IOException {
            boolean whole = CsvTable.read(tree, top + TABLE, List.of("ImageId", "EncodedPixels"), faults, this::add);
            tree.visit(top + FOLDER, path -> addFile(path, whole));
            List<IngestPlan.Sample> samples = new ArrayList<>(rows.size());
            rows.forEach((image, runs) -> {
                String path = paths.get(image);
                if (path == null) {
                    faults.add(runs.get(0).place(), "image '" + image + "' has no file below " + top + FOLDER);
                    counts.add(Exclusion.FAULTY_IMAGE);
                    counts.add(Exclusion.FAULTY_SAMPLE);
                } else {
                    samples.add(sample(image, path, runs));
                }
            });
            Map<Counted, Long> counted = new EnumMap<>(Counted.class);
            counted.put(Counted.IMAGES, (long) rows.size());
            counted.put(
                    Counted.POSITIVE_IMAGES,
                    rows.values().stream().filter(Tables::isPositive).count());
            return new Scan(samples, List.of("Pneumothorax"), rows.size(), rows.size(), counted, counts, faults);
        }

        private static IngestPlan.Sample sample(String image, String path, List<IngestPlan.Sample.Runs> runs) {
            return new IngestPlan.Sample(
                    image,
                    image,
                    "",
                    List.of(new IngestPlan.Sample.Image(image, path)),
                    null,
                    List.of(isPositive(runs) ? 1f : 0f),
                    List.of(),
                    runs);
        }

        private static boolean isPositive(List<IngestPlan.Sample.Runs> runs) {
            return runs.stream().anyMatch(row -> !row.text().equals("-1"));
        }

        private void add(CsvTable.Row row) {
            String image = row.value(0).strip();
            if (image.isEmpty()) {
                faults.add(row.file(), row.line(), "ImageId is blank, it must name an image");
                return;
            }
            rows.computeIfAbsent(image, i -> new ArrayList<>(1))
                    .add(new IngestPlan.Sample.Runs(row.value(1).strip(), row.file() + ":" + row.line()));
        }

        private void addFile(String path, boolean whole) {
            String name = path.substring(path.lastIndexOf('/') + 1);
            if (!name.endsWith(".dcm")) {
                return;
            }
            String image = name.substring(0, name.length() - 4);
            if (whole && !rows.containsKey(image)) {
                faults.add(tree.describe(path), "image without a row in the table " + TABLE);
            } else if (paths.putIfAbsent(image, path) != null) {
                faults.add(
                        tree.describe(path),
                        "image '" + image + "' lies here too, beside " + tree.describe(paths.get(image)));
            }
        }
    }
}
