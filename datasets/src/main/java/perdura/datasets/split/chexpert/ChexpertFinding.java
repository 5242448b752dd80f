package perdura.datasets.split.chexpert;

import java.util.List;

/** The 14 label columns of CheXpert, in the order of its tables. */
public enum ChexpertFinding {
    NO_FINDING(0, "No Finding"),
    ENLARGED_CARDIOMEDIASTINUM(1, "Enlarged Cardiomediastinum"),
    CARDIOMEGALY(2, "Cardiomegaly"),
    LUNG_OPACITY(3, "Lung Opacity"),
    LUNG_LESION(4, "Lung Lesion"),
    EDEMA(5, "Edema"),
    CONSOLIDATION(6, "Consolidation"),
    PNEUMONIA(7, "Pneumonia"),
    ATELECTASIS(8, "Atelectasis"),
    PNEUMOTHORAX(9, "Pneumothorax"),
    PLEURAL_EFFUSION(10, "Pleural Effusion"),
    PLEURAL_OTHER(11, "Pleural Other"),
    FRACTURE(12, "Fracture"),
    SUPPORT_DEVICES(13, "Support Devices");

    /** The five of the competition, in the order in which both papers give them. */
    public static final List<ChexpertFinding> FIVE =
            List.of(ATELECTASIS, CARDIOMEGALY, CONSOLIDATION, EDEMA, PLEURAL_EFFUSION);

    private final int place;
    private final String column;

    ChexpertFinding(int place, String column) {
        this.place = place;
        this.column = column;
    }

    /** Among the label columns, 0 to 13. */
    int place() {
        return place;
    }

    /** Name of the column. */
    public String column() {
        return column;
    }
}
