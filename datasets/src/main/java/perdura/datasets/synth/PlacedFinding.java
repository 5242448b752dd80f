package perdura.datasets.synth;

import java.util.Locale;

/**
 * A finding of one patient.
 *
 * @param side the patient's; BOTH for findings without a side
 * @param zone WHOLE for findings without a zone
 * @param size 1 small, 2 moderate, 3 large
 */
record PlacedFinding(Finding finding, Side side, Zone zone, int size) {
    /** The patient's sides: the right one is on the left of the image. */
    enum Side {
        LEFT,
        RIGHT,
        BOTH;

        String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A third of the lung's height. */
    enum Zone {
        UPPER,
        MID,
        LOWER,
        WHOLE;

        String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    PlacedFinding withSize(int other) {
        return new PlacedFinding(finding, side, zone, other);
    }
}
