package perdura.datasets.split.chexpert;

import java.util.List;

/** The 14 label columns of CheXpert, in the order of its tables. */
public enum ChexpertFinding {
    NO_FINDING("No Finding"),
    ENLARGED_CARDIOMEDIASTINUM("Enlarged Cardiomediastinum"),
    CARDIOMEGALY("Cardiomegaly"),
    LUNG_OPACITY("Lung Opacity"),
    LUNG_LESION("Lung Lesion"),
    EDEMA("Edema"),
    CONSOLIDATION("Consolidation"),
    PNEUMONIA("Pneumonia"),
    ATELECTASIS("Atelectasis"),
    PNEUMOTHORAX("Pneumothorax"),
    PLEURAL_EFFUSION("Pleural Effusion"),
    PLEURAL_OTHER("Pleural Other"),
    FRACTURE("Fracture"),
    SUPPORT_DEVICES("Support Devices");

    /** The five of the competition, in the order in which both papers give them. */
    public static final List<ChexpertFinding> FIVE =
            List.of(ATELECTASIS, CARDIOMEGALY, CONSOLIDATION, EDEMA, PLEURAL_EFFUSION);

    /** The names of all columns. */
    public static final List<String> COLUMNS = columns(List.of(values()));

    private final String column;

    ChexpertFinding(String column) {
        this.column = column;
    }

    /** Name of the column. */
    public String column() {
        return column;
    }

    /** The names of the findings' columns. */
    public static List<String> columns(List<ChexpertFinding> findings) {
        return findings.stream().map(ChexpertFinding::column).toList();
    }
}
