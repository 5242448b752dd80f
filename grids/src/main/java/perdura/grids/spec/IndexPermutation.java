package perdura.grids.spec;

/**
 * A permutation of 0 to size - 1 that takes no memory: a Feistel network over the next power of four, walked until it is back
 * in the range (Black and Rogaway 2002, "Ciphers with arbitrary finite domains").
 */
final class IndexPermutation {
    private static final int ROUNDS = 8;

    private final long size;
    private final int halfBits;
    private final long halfMask;
    private final long[] keys = new long[ROUNDS];

    /** @param size 1 to 2^62 */
    IndexPermutation(long size, long seed) {
        if (size < 1 || size > 1L << 62) {
            throw new IllegalArgumentException("size must be from 1 to 2^62, was " + size);
        }
        this.size = size;
        this.halfBits = Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(size - 1) + 1) / 2);
        this.halfMask = (1L << halfBits) - 1;
        SplitMix64 random = new SplitMix64(seed);
        for (int i = 0; i < ROUNDS; i++) {
            keys[i] = random.next();
        }
    }

    /** @param index in [0, size) */
    long at(long index) {
        long value = index;
        do {
            value = encrypt(value);
        } while (value >= size);
        return value;
    }

    private long encrypt(long value) {
        long left = value >>> halfBits;
        long right = value & halfMask;
        for (long key : keys) {
            long next = left ^ (SplitMix64.mix(right ^ key) & halfMask);
            left = right;
            right = next;
        }
        return (left << halfBits) | right;
    }
}
