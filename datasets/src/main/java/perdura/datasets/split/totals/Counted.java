package perdura.datasets.split.totals;

/** What a total counts. */
public enum Counted {
    IMAGES("images"),
    STUDIES("studies"),
    LABELLED_REPORTS("labelled reports"),
    PATIENTS("patients"),
    IMAGES_OF_TRAIN("images of the official split train"),
    IMAGES_OF_VALIDATE("images of the official split validate"),
    IMAGES_OF_TEST("images of the official split test"),
    STUDIES_OF_TRAIN("studies of the official split train"),
    STUDIES_OF_VALIDATE("studies of the official split validate"),
    STUDIES_OF_TEST("studies of the official split test"),
    IMPRESSION_REPORTS("reports with an impression header"),
    FINDINGS_REPORTS("reports with a findings header"),
    /** Studies of all splits that pass PRIOR's filters. */
    KEPT_STUDIES("studies that pass all filters"),
    /** Frontal images of the test split whose study passes SENSE's filters. */
    TEST_PAIRS("image-report pairs of the test split"),
    LABEL_ROWS("rows of the label table"),
    POSITIVE_IMAGES("positive images"),
    BOXES("boxes"),
    TRAIN_ROWS("rows of train.csv"),
    FRONTAL_TRAIN_ROWS("frontal rows of train.csv"),
    VALID_ROWS("rows of valid.csv"),
    FRONTAL_VALID_ROWS("frontal rows of valid.csv"),
    ZERO_SHOT_IMAGES("images of the 5x200 set"),
    /** Of the list of PRIOR's authors; a set drawn by the rule has another number. */
    LISTED_ZERO_SHOT_PATIENTS("patients of the authors' 5x200 list"),
    SPLIT_TRAIN("training samples of the split"),
    SPLIT_VALIDATION("validation samples of the split"),
    SPLIT_TEST("test samples of the split");

    private final String description;

    Counted(String description) {
        this.description = description;
    }

    /** For people. */
    public String description() {
        return description;
    }
}
