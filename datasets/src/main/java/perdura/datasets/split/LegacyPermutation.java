package perdura.datasets.split;

import perdura.datasets.seeds.RandomStream;

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
        return RandomStream.permutation(n, below -> atMost(below - 1, words));
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

    /**
     * MT19937 of Matsumoto and Nishimura (1998) with the scalar seeding of 2002, as {@code numpy.random.RandomState} starts it from
     * one integer. Not thread-safe.
     */
    static final class MersenneTwister {
        private static final int SIZE = 624;
        private static final int SHIFT = 397;

        private final int[] state = new int[SIZE];
        private int used = SIZE;

        /** @param seed in [0, 2^32) */
        MersenneTwister(long seed) {
            if (seed < 0 || seed >= 1L << 32) {
                throw new IllegalArgumentException("seed must be in 0 to 4294967295, was " + seed);
            }
            state[0] = (int) seed;
            for (int i = 1; i < SIZE; i++) {
                state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
            }
        }

        /** 32 uniform bits. */
        int next() {
            if (used == SIZE) {
                twist();
            }
            int y = state[used++];
            y ^= y >>> 11;
            y ^= (y << 7) & 0x9D2C5680;
            y ^= (y << 15) & 0xEFC60000;
            return y ^ (y >>> 18);
        }

        private void twist() {
            for (int i = 0; i < SIZE; i++) {
                int y = (state[i] & 0x80000000) | (state[(i + 1) % SIZE] & 0x7FFFFFFF);
                state[i] = state[(i + SHIFT) % SIZE] ^ (y >>> 1) ^ ((y & 1) * 0x9908B0DF);
            }
            used = 0;
        }
    }
}
