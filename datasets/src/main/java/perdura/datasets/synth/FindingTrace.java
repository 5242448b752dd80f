package perdura.datasets.synth;

import perdura.datasets.image.PixelMask;

/** The pixels of an image that belong to a finding, and the smallest box around them. */
final class FindingTrace {
    private final PlacedFinding finding;
    private final PixelMask mask;
    private int left = Integer.MAX_VALUE;
    private int top = Integer.MAX_VALUE;
    private int right = -1;
    private int bottom = -1;
    private int pixels;

    FindingTrace(PlacedFinding finding, int width, int height) {
        this.finding = finding;
        this.mask = new PixelMask(width, height);
    }

    /** Adds a pixel that isn't in it yet. */
    void include(int x, int y) {
        left = Math.min(left, x);
        top = Math.min(top, y);
        right = Math.max(right, x);
        bottom = Math.max(bottom, y);
        pixels++;
        mask.set(x, y);
    }

    PlacedFinding finding() {
        return finding;
    }

    /** False if the finding can't be seen: the box is then of no meaning. */
    boolean isVisible() {
        return pixels > 0;
    }

    int left() {
        return left;
    }

    int top() {
        return top;
    }

    /** The last column inside. */
    int right() {
        return right;
    }

    /** The last row inside. */
    int bottom() {
        return bottom;
    }

    int pixels() {
        return pixels;
    }

    /** The mask itself, not a copy. */
    PixelMask mask() {
        return mask;
    }
}
