package perdura.training.synth;

/**
 * What decides a synthetic data set.
 *
 * @param studies studies to write, at least 1; about one in ten is left out by the filters, two in ten are not in the train
 *     split
 * @param seed every draw is a function of it
 * @param shortestSide shortest side of an image, pixels, at least 32
 * @param longestSide longest side of an image, pixels, at most 4096
 */
public record SynthConfig(int studies, long seed, int shortestSide, int longestSide) {
    private static final int MOST_STUDIES = 1_000_000;

    public SynthConfig {
        if (studies < 1 || studies > MOST_STUDIES) {
            throw new IllegalArgumentException("studies must be 1 to " + MOST_STUDIES + ", was " + studies);
        }
        if (shortestSide < 32 || longestSide < shortestSide || longestSide > 4096) {
            throw new IllegalArgumentException("sides must be 32 to 4096 and the longest not below the shortest, were "
                    + shortestSide + " and " + longestSide);
        }
    }

    /** Images with sides of 128 to 160 pixels. */
    public static SynthConfig of(int studies, long seed) {
        return new SynthConfig(studies, seed, 128, 160);
    }
}
