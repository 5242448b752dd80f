package perdura.datasets.seeds;

import java.nio.charset.StandardCharsets;

/** The stable 64-bit hash that every draw is seeded by (sense.md 1.3). */
public final class Seeds {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;

    private Seeds() {}

    /**
     * hash64 of its parts. A part is an {@code Integer}, a {@code Long} or a {@code String}.
     *
     * @throws IllegalArgumentException for a part of another type
     */
    public static long hash64(Object... parts) {
        long h = parts.length;
        for (Object part : parts) {
            if (part instanceof Integer || part instanceof Long) {
                h = absorb(absorb(h, 1), ((Number) part).longValue());
            } else if (part instanceof String text) {
                h = absorbText(absorb(h, 2), text.getBytes(StandardCharsets.UTF_8));
            } else {
                throw new IllegalArgumentException("a part must be an integer or a string, was " + part.getClass());
            }
        }
        return h;
    }

    /** A stream of draws that is a function of the parts alone. */
    public static RandomStream stream(Object... parts) {
        return new RandomStream(hash64(parts));
    }

    private static long absorbText(long start, byte[] utf8) {
        long h = absorb(start, utf8.length);
        for (int from = 0; from < utf8.length; from += 8) {
            long word = 0;
            for (int i = Math.min(from + 8, utf8.length) - 1; i >= from; i--) {
                word = (word << 8) | (utf8[i] & 0xFF);
            }
            h = absorb(h, word);
        }
        return h;
    }

    private static long absorb(long h, long word) {
        return mix((h ^ word) + GAMMA);
    }

    /** SplitMix64's finaliser. */
    public static long mix(long z) {
        long y = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        y = (y ^ (y >>> 27)) * 0x94D049BB133111EBL;
        return y ^ (y >>> 31);
    }
}
