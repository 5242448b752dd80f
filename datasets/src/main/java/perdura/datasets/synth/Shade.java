package perdura.datasets.synth;

/** Soft edges. */
final class Shade {
    private static final double SOFTNESS = 0.12;

    private Shade() {}

    /** 1 inside, 0 outside, smooth around a distance of 1. */
    static double inside(double distance) {
        return 1 - step(1 - SOFTNESS, 1 + SOFTNESS, distance);
    }

    /** 1 in the middle of every unit of the phase, 0 beyond half the width. */
    static double band(double phase, double width) {
        double offset = Math.abs(phase - Math.floor(phase) - 0.5);
        return 1 - step(width * 0.5, width, offset);
    }

    /** Hermite's smooth step from 0 at {@code low} to 1 at {@code high}. */
    static double step(double low, double high, double x) {
        double t = Math.max(0, Math.min(1, (x - low) / (high - low)));
        return t * t * (3 - 2 * t);
    }
}
