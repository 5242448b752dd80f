package perdura.datasets.synth;

import java.util.Locale;

/**
 * How much is written: the first patients of an endless list, or as many of them as have the wanted number of studies
 * together. The last patient's later studies may be left out then.
 *
 * @param count at least 1
 */
public record SynthAmount(Unit unit, int count) {
    private static final int MOST = 1_000_000;

    /** What is counted. */
    public enum Unit {
        PATIENTS,
        STUDIES;

        /** The word for several. */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public SynthAmount {
        if (count < 1 || count > MOST) {
            throw new IllegalArgumentException(unit.key() + " must be 1 to " + MOST + ", was " + count);
        }
    }
}
