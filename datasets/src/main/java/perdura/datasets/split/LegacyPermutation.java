package perdura.datasets.split;

/** NumPy's legacy shuffle (sense.md 4.2). */
public final class LegacyPermutation {
    private LegacyPermutation() {}

    /**
     * A permutation of 0 to n - 1; agrees with {@code numpy.random.RandomState(seed).permutation(n)}.
     *
     * @param n at least 0
     * @param seed in [0, 2^32)
     */
    public static int[] of(int n, long seed) {
        if (n < 0) {
            throw new IllegalArgumentException("n must be >= 0, was " + n);
        }
        MersenneTwister words = new MersenneTwister(seed);
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        for (int i = n - 1; i > 0; i--) {
            int j = atMost(i, words);
            int held = order[i];
            order[i] = order[j];
            order[j] = held;
        }
        return order;
    }

    /** Uniform in [0, most]: words are masked and, if still too large, drawn again. */
    private static int atMost(int most, MersenneTwister words) {
        int mask = -1 >>> Integer.numberOfLeadingZeros(most);
        int draw = words.next() & mask;
        while (draw > most) {
            draw = words.next() & mask;
        }
        return draw;
    }
}
