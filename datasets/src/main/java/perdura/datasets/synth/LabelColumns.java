package perdura.datasets.synth;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.synth.Reading.Mention;

/** The fourteen labels of CheXpert's labeller: 1.0 there, 0.0 not there, -1.0 unclear, empty not named. */
final class LabelColumns {
    /** The columns of CheXpert's tables. */
    static final List<String> CHEXPERT = List.of(
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
            "Pleural Other",
            "Pleural Effusion",
            "Fracture",
            "Support Devices");
    /** The columns of MIMIC-CXR-JPG's table. */
    static final List<String> MIMIC_CXR = CHEXPERT.stream().sorted().toList();

    private static final String YES = "1.0";
    private static final String NO = "0.0";
    private static final String UNCLEAR = "-1.0";

    private final Map<String, String> values = new HashMap<>();

    /** The labels of what is told; nothing is said of what no image shows. */
    LabelColumns(Reading told) {
        boolean anything = false;
        for (Finding finding : Finding.values()) {
            Mention mention = told.of(finding);
            anything |= mention == Mention.PRESENT || mention == Mention.UNCLEAR;
            values.put(finding.column(), value(mention));
        }
        if (!anything) {
            values.put("No Finding", YES);
        }
        if (told.has(Reading.Aside.OPACITY)) {
            values.put("Lung Opacity", YES);
        }
        if (told.has(Reading.Aside.DEVICE)) {
            values.put("Support Devices", YES);
        }
    }

    /**
     * Adds labels that no image shows, and those that go along with others, at about their shares in CheXpert's train
     * table.
     */
    LabelColumns withUnseen(RandomStream random) {
        values.put("Lung Opacity", drawn(random, isDense() ? 0.35 : 0.1, 0.03, 0.03));
        values.put("Enlarged Cardiomediastinum", drawn(random, isTold(Finding.CARDIOMEGALY) ? 0.15 : 0.03, 0.1, 0.05));
        boolean consolidated = isTold(Finding.CONSOLIDATION);
        values.put("Pneumonia", drawn(random, consolidated ? 0.1 : 0.01, 0.01, consolidated ? 0.25 : 0.03));
        values.put("Lung Lesion", drawn(random, 0.04, 0.006, 0.007));
        values.put("Pleural Other", drawn(random, 0.016, 0.001, 0.008));
        values.put("Fracture", drawn(random, 0.04, 0.01, 0.003));
        if (YES.equals(values.get("No Finding"))
                && CHEXPERT.stream().anyMatch(c -> !c.equals("No Finding") && isFinding(c))) {
            values.remove("No Finding");
        }
        return this;
    }

    /** Says 0.0 where nothing is said, as CheXpert's valid table does; what makes a lung dense is an opacity, too. */
    LabelColumns withoutGaps() {
        if (isDense()) {
            values.put("Lung Opacity", YES);
        }
        CHEXPERT.forEach(column -> values.merge(column, NO, (old, no) -> old.isEmpty() ? no : old));
        return this;
    }

    /** The fields of a row, joined by commas. */
    String row(List<String> columns) {
        return columns.stream().map(c -> values.getOrDefault(c, "")).collect(Collectors.joining(","));
    }

    private boolean isDense() {
        return isTold(Finding.CONSOLIDATION) || isTold(Finding.EDEMA) || isTold(Finding.ATELECTASIS);
    }

    private boolean isTold(Finding finding) {
        return YES.equals(values.get(finding.column()));
    }

    private boolean isFinding(String column) {
        String value = values.getOrDefault(column, "");
        return !column.equals("Support Devices") && (value.equals(YES) || value.equals(UNCLEAR));
    }

    private static String drawn(RandomStream random, double yes, double no, double unclear) {
        double u = random.nextDouble();
        if (u < yes) {
            return YES;
        }
        return u < yes + no ? NO : u < yes + no + unclear ? UNCLEAR : "";
    }

    private static String value(Mention mention) {
        return switch (mention) {
            case PRESENT -> YES;
            case ABSENT -> NO;
            case UNCLEAR -> UNCLEAR;
            case NONE -> "";
        };
    }
}
