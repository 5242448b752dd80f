package perdura.datasets.ingest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.datasets.source.CsvTable;
import perdura.datasets.source.FaultList;
import perdura.datasets.split.chexpert.ChexpertFinding;
import perdura.datasets.split.chexpert.Mentions;
import perdura.datasets.split.chexpert.Mentions.Mention;

/** The fourteen columns that the labeller of CheXpert fills, here and in MIMIC-CXR's table (prior.md 1.1, 4.1). */
final class FindingLabels {
    static final List<String> NAMES =
            Arrays.stream(ChexpertFinding.values()).map(ChexpertFinding::column).toList();

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
            Optional<Mention> mention = Mention.parse(text);
            if (mention.isEmpty()) {
                faults.add(
                        row.file(),
                        row.line(),
                        NAMES.get(i) + " '" + text + "' must be 1.0, 0.0, -1.0 or blank; it counts as blank");
            }
            values[i] = value(mention.orElse(Mention.BLANK));
        }
        return Collections.unmodifiableList(Arrays.asList(values));
    }

    private static @Nullable Float value(Mention mention) {
        return switch (mention) {
            case BLANK -> null;
            case NEGATIVE -> NEGATIVE;
            case POSITIVE -> POSITIVE;
            case UNCERTAIN -> UNCERTAIN;
        };
    }

    /** What the values of a row say. */
    static Mentions mentions(List<@Nullable Float> values) {
        return Mentions.of(values.stream()
                .map(value -> value == null
                        ? Mention.BLANK
                        : value == 1 ? Mention.POSITIVE : value == 0 ? Mention.NEGATIVE : Mention.UNCERTAIN)
                .toList());
    }
}
