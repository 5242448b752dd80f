package perdura.datasets.seeds;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/** SplitMix64 as a stream of draws (sense.md 1.3). Not thread-safe. */
public final class RandomStream {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    public RandomStream(long seed) {
        this.state = seed;
    }

    /** 64 uniform bits. */
    public long nextLong() {
        state += GAMMA;
        return Seeds.mix(state);
    }

    /** Uniform in [0, 1), 53 bits. */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    /**
     * Uniform in [0, n). A bound of 1 draws nothing.
     *
     * @param n at least 1
     */
    public int bounded(int n) {
        if (n < 1) {
            throw new IllegalArgumentException("n must be >= 1, was " + n);
        }
        if (n == 1) {
            return 0;
        }
        long mask = -1L >>> Long.numberOfLeadingZeros(n - 1L);
        long draw = nextLong() & mask;
        while (draw >= n) {
            draw = nextLong() & mask;
        }
        return (int) draw;
    }

    /** Standard normal, by Box and Muller from two uniform draws. */
    public double nextGaussian() {
        double radius = Math.sqrt(-2 * StrictMath.log(1 - nextDouble()));
        return radius * StrictMath.cos(2 * Math.PI * nextDouble());
    }

    /** A permutation of 0 to n - 1, by Fisher and Yates from the end. */
    public int[] permutation(int n) {
        return permutation(n, this::bounded);
    }

    /** @param draw of a number from 0 to before another one */
    public static int[] permutation(int n, IntUnaryOperator draw) {
        int[] order = new int[n];
        Arrays.setAll(order, i -> i);
        for (int i = n - 1; i > 0; i--) {
            int j = draw.applyAsInt(i + 1);
            int held = order[i];
            order[i] = order[j];
            order[j] = held;
        }
        return order;
    }
}
