package perdura.training.ingest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import perdura.grids.spec.IngestSpec;
import perdura.training.source.CsvTable;
import perdura.training.source.FaultList;
import perdura.training.source.SourceTree;

/**
 * CheXpert v1.0-small (prior.md 4.1): {@code train.csv}, {@code valid.csv}, and the images where their column Path says,
 * which begins with the name of the set's folder. Frontal images only. A sample's id is its path without that name.
 */
final class ChexpertScanner implements SetScanner {
    static final String TRAIN = "train.csv";
    private static final String VALID = "valid.csv";
    private static final String FRONTAL = "Frontal";
    private static final Pattern PATH =
            Pattern.compile("[^/]+/((?:train|valid)/(patient[0-9]+)/[^/]+/[^/]+\\.(?:jpg|png))");

    @Override
    public List<String> markers() {
        return List.of(TRAIN, TRAIN + ".gz");
    }

    @Override
    public Scan scan(SourceTree tree, String top, IngestSpec spec) throws IOException {
        return new Tables(tree, top).read();
    }

    /** The tables of one data set while they are read. */
    static final class Tables {
        private final SourceTree tree;
        private final String top;
        private final FaultList faults = new FaultList(SetScanner.MOST_FAULTS);
        private final Counts counts = new Counts();
        private final Map<String, PlannedSample> frontal = new TreeMap<>();
        private final Map<String, String> splitByPatient = new HashMap<>();
        private final List<String> trainPaths = new ArrayList<>();
        private long images;

        Tables(SourceTree tree, String top) {
            this.tree = tree;
            this.top = top;
        }

        Scan read() throws IOException {
            List<String> columns = new ArrayList<>(List.of("Path", "Frontal/Lateral"));
            columns.addAll(FindingLabels.NAMES);
            boolean train = CsvTable.read(tree, top + TRAIN, columns, faults, row -> {
                trainPaths.add(row.value(0));
                add(row, "train");
            });
            boolean valid = !CsvTable.exists(tree, top + VALID)
                    || CsvTable.read(tree, top + VALID, columns, faults, row -> add(row, "validate"));
            if (train && valid) {
                tree.visit(top + "train", this::lookForStranger);
                tree.visit(top + "valid", this::lookForStranger);
            }
            return new Scan(List.copyOf(frontal.values()), FindingLabels.NAMES, images, images, counts, faults);
        }

        /** The column Path of {@code train.csv}, row by row: lists name rows by their number from 0. */
        List<String> trainPaths() {
            return trainPaths;
        }

        private void add(CsvTable.Row row, String split) {
            images++;
            Matcher path = PATH.matcher(row.value(0));
            if (!path.matches()) {
                fault(
                        row,
                        "Path '" + row.value(0)
                                + "' must be like CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg");
                return;
            }
            String id = path.group(1);
            String patient = path.group(2);
            String view = row.value(1);
            if (!view.equals(FRONTAL) && !view.equals("Lateral")) {
                fault(row, "Frontal/Lateral '" + view + "' must be Frontal or Lateral");
            } else if (!splitByPatient.computeIfAbsent(patient, p -> split).equals(split)) {
                fault(row, patient + " is in both tables, every patient must be in one");
            } else if (view.equals(FRONTAL)) {
                PlannedSample sample = PlannedSample.study(
                        id,
                        patient,
                        split,
                        List.of(new PlannedSample.Image(id, top + id)),
                        null,
                        FindingLabels.parse(row, 2, faults));
                if (frontal.putIfAbsent(id, sample) != null) {
                    fault(row, "image '" + id + "' has a row already");
                }
            } else {
                counts.add(LeftOut.NOT_FRONTAL);
            }
        }

        private void lookForStranger(String path) {
            String id = path.substring(top.length());
            if (id.endsWith("_frontal.jpg") && !frontal.containsKey(id)) {
                faults.add(tree.describe(path), "image without a row in " + TRAIN + " or " + VALID);
            }
        }

        private void fault(CsvTable.Row row, String reason) {
            faults.add(row.file(), row.line(), reason);
        }
    }
}
