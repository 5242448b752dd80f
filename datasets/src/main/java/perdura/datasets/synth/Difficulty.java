package perdura.datasets.synth;

/**
 * What the dial changes. At the default, 0.5, all factors are 1.
 *
 * @param value 0 to 1
 */
record Difficulty(double value) {
    /** Factor of what findings change in the image. */
    double contrast() {
        return 1.4 - 0.8 * value;
    }

    /** Factor of the size of findings. */
    double extent() {
        return 1.2 - 0.4 * value;
    }

    /** Factor of the deviation of all noise. */
    double noise() {
        return 0.4 + 1.2 * value;
    }

    /** Factor of how far chests, poses and exposures differ. */
    double variety() {
        return 0.5 + value;
    }

    /** Factor of the share of findings that are told as unclear. */
    double doubt() {
        return 2 * value;
    }
}
