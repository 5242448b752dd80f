package perdura.training.methods.sense.cluster;

/**
 * Which distances are bounded before they are computed.
 *
 * @param axes principal axes of a bound; 0 for none
 * @param always whether they are used even where a sample says that they don't pay
 */
record Bounding(int axes, boolean always) {
    /** 96 axes, where the points have at least twice as many coordinates and where they pay. */
    static final Bounding AUTO = new Bounding(96, false);

    /** All coordinates of all distances. */
    static final Bounding PLAIN = new Bounding(0, false);
}
