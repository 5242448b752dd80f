package perdura.datasets.ingest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import perdura.datasets.source.CsvTable;
import perdura.datasets.source.FaultList;
import perdura.datasets.source.SourceTree;
import perdura.datasets.split.totals.Counted;

/**
 * RSNA Pneumonia Detection, stage 2 (prior.md 4.1): {@code stage_2_train_images/<patientId>.dcm} and a table with a row
 * for each box, or one with Target 0 for an image without.
 */
final class RsnaScanner extends SetScanner {
    private static final String TABLE = "stage_2_train_labels.csv";
    private static final String FOLDER = "stage_2_train_images";
    static final List<String> MARKERS = List.of(TABLE, TABLE + ".gz");

    private static final Pattern PATIENT = Pattern.compile("[0-9A-Za-z][0-9A-Za-z._-]*");

    private final Map<String, Draft> patients = new TreeMap<>();
    private final Map<String, String> paths = new HashMap<>();

    /** Without one of its boxes an image would lie. */
    private final Set<String> faulty = new HashSet<>();

    RsnaScanner(SourceTree tree, String top, FaultList faults) {
        super(tree, top, faults);
    }

    @Override
    Scan scan() throws IOException {
        count(Counted.LABEL_ROWS, 0);
        boolean whole = read(TABLE, List.of("patientId", "x", "y", "width", "height", "Target"), this::add);
        tree.visit(top + FOLDER, path -> addFile(path, whole));
        List<IngestPlan.Sample> samples = new ArrayList<>(patients.size());
        patients.forEach((patient, draft) -> {
            if (!faulty.contains(patient)) {
                samples.add(sample(patient, draft));
            }
        });
        Exclusion.FAULTY_IMAGE.count(leftOut, faulty.size());
        Exclusion.FAULTY_SAMPLE.count(leftOut, faulty.size());
        faulty.addAll(patients.keySet());
        count(Counted.IMAGES, faulty.size());
        count(
                Counted.POSITIVE_IMAGES,
                patients.values().stream().filter(d -> !d.boxes.isEmpty()).count());
        count(
                Counted.BOXES,
                patients.values().stream().mapToLong(d -> d.boxes.size()).sum());
        return found(samples, List.of("Pneumonia"), faulty.size(), faulty.size());
    }

    private IngestPlan.Sample sample(String patient, Draft draft) {
        String path = paths.getOrDefault(patient, top + FOLDER + "/" + patient + ".dcm");
        return IngestPlan.Sample.image(patient, path, !draft.boxes.isEmpty(), draft.boxes, List.of());
    }

    private void add(CsvTable.Row row) {
        count(Counted.LABEL_ROWS, 1);
        String patient = row.value(0);
        String target = row.value(5).strip();
        boolean blank = row.values().subList(1, 5).stream().allMatch(String::isBlank);
        if (!PATIENT.matcher(patient).matches()) {
            leaveOut(row, "patientId '" + patient + "' must be letters, digits, dots and dashes", patient);
        } else if (target.equals("0") && blank) {
            addNegative(row, patient);
        } else if (target.equals("1") && !blank) {
            addBox(row, patient);
        } else {
            fault(row, "Target '" + target + "' must be 1 with a box (x, y, width, height), or 0 with empty fields");
        }
    }

    private void addNegative(CsvTable.Row row, String patient) {
        if (patients.putIfAbsent(patient, new Draft(true, new ArrayList<>())) != null) {
            fault(row, "patient '" + patient + "' has a row already, so Target can't be 0");
        }
    }

    private void addBox(CsvTable.Row row, String patient) {
        double[] box = new double[4];
        try {
            for (int i = 0; i < 4; i++) {
                box[i] = Double.parseDouble(row.value(i + 1).strip());
            }
        } catch (NumberFormatException e) {
            fault(
                    row,
                    "x, y, width and height must be numbers, were "
                            + row.values().subList(1, 5));
            return;
        }
        if (!(box[2] > 0 && box[3] > 0 && box[0] >= 0 && box[1] >= 0)) {
            fault(
                    row,
                    "box x " + box[0] + ", y " + box[1] + ", width " + box[2] + ", height " + box[3]
                            + " must lie in the image and have a size");
            return;
        }
        Draft draft = patients.computeIfAbsent(patient, p -> new Draft(false, new ArrayList<>(2)));
        if (draft.negative) {
            fault(row, "patient '" + patient + "' has a row with Target 0 already, so it can't have a box");
            return;
        }
        draft.boxes.add(new IngestPlan.Sample.Box(box[0], box[1], box[2], box[3], row.place()));
    }

    private void addFile(String path, boolean whole) {
        String patient = dicomName(path);
        if (patient == null) {
            return;
        }
        paths.put(patient, path);
        if (whole && !patients.containsKey(patient) && !faulty.contains(patient) && !isMentioned(patient)) {
            faults.add(tree.describe(path), "image without a row in the table " + TABLE);
        }
    }

    private void fault(CsvTable.Row row, String reason) {
        faulty.add(row.value(0));
        faults.add(row, reason);
    }

    /** An image while its rows come in. */
    private record Draft(boolean negative, List<IngestPlan.Sample.Box> boxes) {}
}
