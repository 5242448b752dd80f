package perdura.grids.spec;

/** The generator SplitMix64 (Steele, Lea and Flood 2014, figure 17): the same numbers on every JDK. */
final class SplitMix64 {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    SplitMix64(long seed) {
        this.state = seed;
    }

    long next() {
        state += GAMMA;
        return mix(state);
    }

    /** A bijection of 64 bits in which each bit depends on all others. */
    static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
