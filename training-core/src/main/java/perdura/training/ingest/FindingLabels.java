package perdura.training.ingest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.training.source.CsvTable;
import perdura.training.source.FaultList;

/** The fourteen columns that the labeller of CheXpert fills, here and in MIMIC-CXR's table (prior.md 1.1, 4.1). */
final class FindingLabels {
    static final List<String> NAMES = List.of(
            "No Finding",
            "Enlarged Cardiomediastinum",
            "Cardiomegaly",
            "Lung Opacity",
            "Lung Lesion",
            "Edema",
            "Consolidation",
            "Pneumonia",
            "Atelectasis",
            "Pneumothorax",
            "Pleural Effusion",
            "Pleural Other",
            "Fracture",
            "Support Devices");

    /** A row that says nothing. */
    static final List<@Nullable Float> BLANK =
            Collections.unmodifiableList(new ArrayList<@Nullable Float>(Collections.nCopies(NAMES.size(), null)));

    private static final Float POSITIVE = 1f;
    private static final Float NEGATIVE = 0f;
    private static final Float UNCERTAIN = -1f;

    private FindingLabels() {}

    /**
     * The values of a row; one that is none of 1, 0, -1 and blank is a fault, and blank here.
     *
     * @param from place of the first label among the row's values
     */
    static List<@Nullable Float> parse(CsvTable.Row row, int from, FaultList faults) {
        @Nullable Float[] values = new @Nullable Float[NAMES.size()];
        for (int i = 0; i < values.length; i++) {
            String text = row.value(from + i).strip();
            switch (text) {
                case "" -> values[i] = null;
                case "1.0", "1" -> values[i] = POSITIVE;
                case "0.0", "0" -> values[i] = NEGATIVE;
                case "-1.0", "-1" -> values[i] = UNCERTAIN;
                default ->
                    faults.add(
                            row.file(),
                            row.line(),
                            NAMES.get(i) + " '" + text + "' must be 1.0, 0.0, -1.0 or blank; it counts as blank");
            }
        }
        return Collections.unmodifiableList(Arrays.asList(values));
    }
}
