package perdura.grids.read;

/**
 * Numbers that a key may have.
 *
 * @param hasLow whether {@code low} itself is allowed
 * @param hasHigh whether {@code high} itself is allowed
 */
record Interval(double low, boolean hasLow, double high, boolean hasHigh) {
    static final Interval POSITIVE = new Interval(0, false, Double.POSITIVE_INFINITY, false);
    static final Interval NOT_NEGATIVE = new Interval(0, true, Double.POSITIVE_INFINITY, false);
    /** [0, 1) */
    static final Interval SHARE = new Interval(0, true, 1, false);
    /** (0, 1] */
    static final Interval POSITIVE_SHARE = new Interval(0, false, 1, true);

    static Interval closed(double low, double high) {
        return new Interval(low, true, high, true);
    }

    static Interval positiveUpTo(double high) {
        return new Interval(0, false, high, true);
    }

    boolean contains(double value) {
        return (value > low || (hasLow && value == low)) && (value < high || (hasHigh && value == high));
    }

    /** "must be > 0", "must be >= 0 and < 1". */
    String rule() {
        String lower = (hasLow ? ">= " : "> ") + text(low);
        return "must be " + lower + (Double.isInfinite(high) ? "" : " and " + (hasHigh ? "<= " : "< ") + text(high));
    }

    private static String text(double bound) {
        return bound == Math.rint(bound) ? String.valueOf((long) bound) : String.valueOf(bound);
    }
}
