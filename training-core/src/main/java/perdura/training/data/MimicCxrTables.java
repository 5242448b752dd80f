package perdura.training.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** The metadata and split tables of MIMIC-CXR-JPG, joined by image and grouped by study (prior.md 1.1, 1.2). */
final class MimicCxrTables {
    private static final String METADATA = "mimic-cxr-2.0.0-metadata";
    private static final String SPLIT = "mimic-cxr-2.0.0-split";
    private static final Set<String> FRONTAL = Set.of("AP", "PA");
    private static final Pattern IMAGE_ID = Pattern.compile("[0-9A-Za-z][0-9A-Za-z-]*");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{2,18}");

    private final FaultList faults;
    private final Map<String, OfficialSplit> splitByImage = new HashMap<>();
    private final Map<String, OfficialSplit> splitByPatient = new HashMap<>();
    private final Set<String> imagesOfUnknownSplit = new HashSet<>();
    private final Set<String> images = new HashSet<>();
    private final Map<String, Draft> drafts = new TreeMap<>();
    private long notFrontal;

    private MimicCxrTables(FaultList faults) {
        this.faults = faults;
    }

    static MimicCxrTables read(Path root, FaultList faults) {
        MimicCxrTables tables = new MimicCxrTables(faults);
        boolean whole = CsvTable.read(root, SPLIT, List.of("dicom_id", "split"), faults, tables::addSplit);
        // Without all splits, every image would be a fault of its own.
        Consumer<CsvTable.Row> images = whole ? tables::addImage : row -> {};
        CsvTable.read(root, METADATA, List.of("dicom_id", "subject_id", "study_id", "ViewPosition"), faults, images);
        return tables;
    }

    /** Images of the metadata table. */
    long images() {
        return images.size();
    }

    /** Images whose view is neither AP nor PA. */
    long notFrontal() {
        return notFrontal;
    }

    /** All studies of the metadata table, in the order of their ids. */
    List<ListedStudy> studies() {
        return drafts.entrySet().stream()
                .map(e -> new ListedStudy(e.getKey(), e.getValue().patientId, e.getValue().split, e.getValue().frontal))
                .toList();
    }

    private void addSplit(CsvTable.Row row) {
        String image = row.values().get(0);
        Optional<OfficialSplit> split = OfficialSplit.ofFileName(row.values().get(1));
        if (split.isEmpty()) {
            imagesOfUnknownSplit.add(image);
            fault(row, "split '" + row.values().get(1) + "' must be train, validate or test");
        } else if (splitByImage.putIfAbsent(image, split.get()) != null) {
            fault(row, "image '" + image + "' has a row already");
        }
    }

    private void addImage(CsvTable.Row row) {
        String image = row.values().get(0);
        String patient = row.values().get(1);
        String study = row.values().get(2);
        OfficialSplit split = splitByImage.get(image);
        if (!IMAGE_ID.matcher(image).matches()) {
            fault(row, "dicom_id '" + image + "' must be letters, digits and dashes");
        } else if (!NUMBER.matcher(patient).matches()) {
            fault(row, "subject_id '" + patient + "' must be a number of at least two digits");
        } else if (!NUMBER.matcher(study).matches()) {
            fault(row, "study_id '" + study + "' must be a number of at least two digits");
        } else if (!images.add(image)) {
            fault(row, "image '" + image + "' has a row already");
        } else if (split == null) {
            if (!imagesOfUnknownSplit.contains(image)) {
                fault(row, "image '" + image + "' has no row in the table " + SPLIT);
            }
        } else if (splitByPatient.computeIfAbsent(patient, p -> split) != split) {
            fault(
                    row,
                    "patient " + patient + " is in the splits " + splitByPatient.get(patient) + " and " + split
                            + ", every patient must be in one");
        } else {
            addImage(row, drafts.computeIfAbsent(study, s -> new Draft(patient, split)));
        }
    }

    private void addImage(CsvTable.Row row, Draft draft) {
        if (!draft.patientId.equals(row.values().get(1))) {
            fault(
                    row,
                    "study " + row.values().get(2) + " has the patients " + draft.patientId + " and "
                            + row.values().get(1) + ", it must have one");
        } else if (FRONTAL.contains(row.values().get(3))) {
            draft.frontal.add(row.values().get(0));
        } else {
            notFrontal++;
        }
    }

    private void fault(CsvTable.Row row, String reason) {
        faults.add(row.file(), row.line(), reason);
    }

    /** A study while its rows come in. */
    private static final class Draft {
        private final String patientId;
        private final OfficialSplit split;
        private final List<String> frontal = new ArrayList<>();

        Draft(String patientId, OfficialSplit split) {
            this.patientId = patientId;
            this.split = split;
        }
    }
}
