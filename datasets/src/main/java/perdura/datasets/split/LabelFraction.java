package perdura.datasets.split;

/** How many labels a fraction of a training part keeps: floor(f n + 0.5), but at least some. */
final class LabelFraction {
    private LabelFraction() {}

    static int size(int rows, double fraction, int atLeast) {
        if (!(fraction > 0 && fraction <= 1)) {
            throw new IllegalArgumentException("fraction must be in (0, 1], was " + fraction);
        }
        return Math.min(rows, Math.max(atLeast, (int) Math.floor(fraction * rows + 0.5)));
    }
}
