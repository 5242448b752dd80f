package perdura.datasets.ingest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import perdura.datasets.source.CsvTable;
import perdura.datasets.source.FaultList;
import perdura.datasets.source.SourceTree;
import perdura.datasets.split.chexpert.ChexpertFinding;
import perdura.datasets.split.chexpert.Mentions;
import perdura.datasets.split.totals.Counted;

/**
 * MIMIC-CXR-JPG with the reports of MIMIC-CXR (prior.md 1.1, 1.2): {@code files/p10/p10000032/s50414267/<dicom_id>.jpg},
 * {@code files/p10/p10000032/s50414267.txt}, the metadata and split tables, and the table of labels where it is there.
 */
final class MimicCxrScanner extends SetScanner {
    private static final String METADATA = "mimic-cxr-2.0.0-metadata.csv";
    private static final String SPLIT = "mimic-cxr-2.0.0-split.csv";
    private static final String LABELS = "mimic-cxr-2.0.0-chexpert.csv";
    static final List<String> MARKERS = List.of(METADATA + ".gz", METADATA, SPLIT + ".gz", SPLIT);

    private static final Set<String> SPLITS = Set.of("train", "validate", "test");
    private static final Set<String> FRONTAL = Set.of("AP", "PA");
    private static final Pattern IMAGE_ID = Pattern.compile("[0-9A-Za-z][0-9A-Za-z-]*");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{2,18}");
    private static final Pattern IMAGE_FILE = Pattern.compile(".*/s[0-9]+/([^/]+)\\.jpg");
    private static final Pattern REPORT_FILE = Pattern.compile(".*/p[0-9]+/s([0-9]+)\\.txt");

    private final Map<String, String> splitByImage = new HashMap<>();
    private final Map<String, String> splitByPatient = new HashMap<>();
    private final Set<String> faultyImages = new HashSet<>();
    private final Set<String> images = new HashSet<>();
    private final Map<String, Draft> studies = new TreeMap<>();
    private final Map<String, Mentions> labels = new HashMap<>();

    MimicCxrScanner(SourceTree tree, String top, FaultList faults) {
        super(tree, top, faults);
    }

    @Override
    Scan scan() throws IOException {
        boolean whole = read(SPLIT, List.of("dicom_id", "split"), this::addSplit);
        // Without all splits, every image would be a fault of its own.
        Consumer<CsvTable.Row> each = whole ? this::addImage : row -> {};
        boolean listed = read(METADATA, List.of("dicom_id", "subject_id", "study_id", "ViewPosition"), each);
        splitByImage.clear();
        boolean labelled = CsvTable.exists(tree, top + LABELS) && readLabels();
        if (whole && listed) {
            tree.visit(top + "files", this::lookForStranger);
        }
        List<IngestPlan.Sample> samples = new ArrayList<>(studies.size());
        studies.forEach((study, draft) -> {
            count(of("STUDIES_OF_", draft.split), 1);
            if (draft.frontal.isEmpty()) {
                Exclusion.NO_FRONTAL_IMAGE.count(leftOut, 1);
            } else {
                samples.add(sample(study, draft, labelled));
            }
        });
        count(Counted.IMAGES, images.size());
        count(Counted.STUDIES, studies.size());
        count(Counted.PATIENTS, splitByPatient.size());
        if (!labels.isEmpty()) {
            count(Counted.LABELLED_REPORTS, labels.size());
        }
        return found(samples, labelled ? ChexpertFinding.COLUMNS : List.of(), images.size(), studies.size());
    }

    private static Counted of(String what, String split) {
        return Counted.valueOf(what + split.toUpperCase(Locale.ROOT));
    }

    private boolean readLabels() {
        return readWithFindings(LABELS, List.of("study_id"), row -> {
            String study = row.value(0);
            if (!studies.containsKey(study)) {
                return; // the table lists studies without images too
            }
            if (labels.putIfAbsent(study, findings(row, 1)) != null) {
                faults.add(row, "study '" + study + "' has a row already");
            }
        });
    }

    private IngestPlan.Sample sample(String study, Draft draft, boolean labelled) {
        String patient = top + "files/p" + draft.patient.substring(0, 2) + "/p" + draft.patient;
        List<IngestPlan.Sample.Image> frontal = draft.frontal.stream()
                .sorted()
                .map(image -> new IngestPlan.Sample.Image(image, patient + "/s" + study + "/" + image + ".jpg"))
                .toList();
        return IngestPlan.Sample.study(
                "s" + study,
                "p" + draft.patient,
                draft.split,
                frontal,
                patient + "/s" + study + ".txt",
                labelled ? labels.getOrDefault(study, Mentions.BLANK).labels() : List.of());
    }

    private void addSplit(CsvTable.Row row) {
        String image = row.value(0);
        if (!SPLITS.contains(row.value(1))) {
            faultyImages.add(image);
            faults.add(row, "split '" + row.value(1) + "' must be train, validate or test");
        } else if (splitByImage.putIfAbsent(image, row.value(1).intern()) != null) {
            faults.add(row, "image '" + image + "' has a row already");
        }
    }

    private void addImage(CsvTable.Row row) {
        String image = row.value(0);
        String patient = row.value(1);
        String study = row.value(2);
        String split = splitByImage.get(image);
        if (!IMAGE_ID.matcher(image).matches()) {
            leaveOut(row, "dicom_id '" + image + "' must be letters, digits and dashes", image, study);
        } else if (!NUMBER.matcher(patient).matches()) {
            leaveOut(row, "subject_id '" + patient + "' must be a number of at least two digits", image, study);
        } else if (!NUMBER.matcher(study).matches()) {
            leaveOut(row, "study_id '" + study + "' must be a number of at least two digits", image, study);
        } else if (!images.add(image)) {
            leaveOut(row, "image '" + image + "' has a row already", study);
        } else if (split == null) {
            if (faultyImages.contains(image) || isMentioned(image)) {
                leaveOutRow(image, study); // the fault is that of the other table
            } else {
                leaveOut(row, "image '" + image + "' has no row in the table " + SPLIT, study);
            }
        } else if (!splitByPatient.computeIfAbsent(patient, p -> split).equals(split)) {
            leaveOut(
                    row,
                    "patient " + patient + " is in the splits " + splitByPatient.get(patient) + " and " + split
                            + ", every patient must be in one",
                    study);
        } else {
            addImage(row, studies.computeIfAbsent(study, s -> new Draft(patient, split, new ArrayList<>(2))));
        }
    }

    private void addImage(CsvTable.Row row, Draft draft) {
        count(of("IMAGES_OF_", draft.split), 1);
        if (!draft.patient.equals(row.value(1))) {
            leaveOut(
                    row,
                    "study " + row.value(2) + " has the patients " + draft.patient + " and " + row.value(1)
                            + ", it must have one");
        } else if (FRONTAL.contains(row.value(3))) {
            draft.frontal.add(row.value(0));
        } else {
            Exclusion.NOT_FRONTAL.count(leftOut, 1);
        }
    }

    private void lookForStranger(String path) {
        Matcher image = IMAGE_FILE.matcher(path);
        Matcher report = REPORT_FILE.matcher(path);
        if (image.matches() && !images.contains(image.group(1)) && !isMentioned(image.group(1))) {
            faults.add(tree.describe(path), "image without a row in the table " + METADATA);
        } else if (report.matches() && !studies.containsKey(report.group(1)) && !isMentioned(report.group(1))) {
            faults.add(tree.describe(path), "report without an image in the table " + METADATA);
        }
    }

    /** A study while its rows come in. */
    private record Draft(String patient, String split, List<String> frontal) {}
}
