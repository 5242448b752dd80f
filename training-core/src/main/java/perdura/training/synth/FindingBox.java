package perdura.training.synth;

/** The smallest box of whole pixels around what an image shows of a finding. */
final class FindingBox {
    private final PlacedFinding finding;
    private int left = Integer.MAX_VALUE;
    private int top = Integer.MAX_VALUE;
    private int right = -1;
    private int bottom = -1;
    private int pixels;

    FindingBox(PlacedFinding finding) {
        this.finding = finding;
    }

    void include(int x, int y) {
        left = Math.min(left, x);
        top = Math.min(top, y);
        right = Math.max(right, x);
        bottom = Math.max(bottom, y);
        pixels++;
    }

    PlacedFinding finding() {
        return finding;
    }

    /** False if the finding can't be seen: every other number is then of no meaning. */
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

    /** Pixels that show the finding. */
    int pixels() {
        return pixels;
    }
}
