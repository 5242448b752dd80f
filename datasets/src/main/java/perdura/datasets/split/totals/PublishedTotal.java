package perdura.datasets.split.totals;

/**
 * A number that the whole data set should come to.
 *
 * @param tolerance share of the number by which a count may differ, 0 for none
 * @param source section of the method's specification
 */
public record PublishedTotal(Counted what, long number, double tolerance, Certainty certainty, String source) {
    /** How well a number is known. */
    public enum Certainty {
        /** Read in a source. */
        VERIFIED,
        /** From memory: a difference speaks against the number as much as against the data. */
        RECALLED
    }

    /** True if a count agrees within the tolerance. */
    public boolean agrees(long count) {
        return Math.abs(count - number) <= tolerance * number;
    }
}
