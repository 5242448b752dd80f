package perdura.datasets.ingest;

import java.util.Map;

/** Why an image or a sample of a data set doesn't enter it (prior.md 1.2, sense.md 1.2), in the order of the filters. */
public enum Exclusion {
    /** Images of another view than a frontal one. */
    NOT_FRONTAL("images that are not frontal"),
    /** Studies without a frontal image. */
    NO_FRONTAL_IMAGE("studies without a frontal image"),
    /** Images that a list or a sampling rule did not choose. */
    NOT_CHOSEN("images that are not in the list or the sampling"),
    /** Images of the owner's test part, of which no table tells anything. */
    WITHOUT_LABEL("images of the owner's test part, which have no row in the table"),
    /** Studies without a report file. */
    NO_REPORT("studies without a report"),
    /** Studies whose report has none of the sections that are read. */
    NO_SECTION("studies whose report has none of the sections that are read"),
    /** Studies whose report has too few sentences. */
    TOO_FEW_SENTENCES("studies with too few sentences"),
    /** Images that are missing or damaged, or whose row of a table is. */
    FAULTY_IMAGE("images with a fault"),
    /** Rows of tables that don't tell what they are of. */
    FAULTY_ROW("rows of tables with a fault"),
    /** Samples of which a fault leaves nothing, and reports that can't be read. */
    FAULTY_SAMPLE("samples with a fault");

    private final String description;

    Exclusion(String description) {
        this.description = description;
    }

    /** What is counted, for people. */
    public String description() {
        return description;
    }

    /** Adds so many to what is left out for this reason. */
    void count(Map<Exclusion, Long> leftOut, long number) {
        leftOut.merge(this, number, Long::sum);
    }
}
