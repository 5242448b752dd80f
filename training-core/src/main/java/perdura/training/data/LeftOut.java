package perdura.training.data;

/** Why an image or a study of a data set doesn't enter the training (prior.md 1.2), in the order of the filters. */
public enum LeftOut {
    /** Images whose view is neither AP nor PA. */
    NOT_FRONTAL("images that are not AP or PA"),
    /** Studies of a split that was not asked for. */
    OTHER_SPLIT("studies of another split"),
    /** Studies without a frontal image. */
    NO_FRONTAL_IMAGE("studies without a frontal image"),
    /** Studies without a report file. */
    NO_REPORT("studies without a report"),
    /** Studies whose report has neither findings nor impression. */
    NO_SECTION("studies whose report has neither findings nor impression"),
    /** Studies whose report has too few sentences. */
    TOO_FEW_SENTENCES("studies with too few sentences");

    private final String description;

    LeftOut(String description) {
        this.description = description;
    }

    /** What is counted, for people. */
    public String description() {
        return description;
    }
}
