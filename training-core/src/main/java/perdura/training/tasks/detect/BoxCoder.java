package perdura.training.tasks.detect;

/**
 * A box as it differs from another one: (dx, dy, dw, dh) by centres and sides, times weights (prior.md 4.5);
 * {@code torchvision.models.detection._utils.BoxCoder}.
 *
 * @param centre weight of dx and dy
 * @param side weight of dw and dh
 */
record BoxCoder(double centre, double side) {
    static final BoxCoder RPN = new BoxCoder(1, 1);
    static final BoxCoder HEAD = new BoxCoder(10, 5);

    /** The greatest dw and dh that are decoded. */
    private static final double MOST = StrictMath.log(1000.0 / 16);

    /** Writes the deltas that turn {@code boxes[box]} into {@code truths[truth]}. Both need an area. */
    void encode(double[] truths, int truth, double[] boxes, int box, double[] deltas, int at) {
        for (int axis = 0; axis < 2; axis++) {
            int t = 4 * truth + axis;
            int b = 4 * box + axis;
            double size = boxes[b + 2] - boxes[b];
            double wanted = truths[t + 2] - truths[t];
            double apart = truths[t] + 0.5 * wanted - (boxes[b] + 0.5 * size);
            deltas[at + axis] = centre * apart / size;
            deltas[at + 2 + axis] = side * StrictMath.log(wanted / size);
        }
    }

    /** Writes {@code boxes[box]} moved by the deltas that begin at {@code from}. */
    void decode(double[] deltas, int from, double[] boxes, int box, double[] decoded, int to) {
        for (int axis = 0; axis < 2; axis++) {
            int b = 4 * box + axis;
            double size = boxes[b + 2] - boxes[b];
            double middle = boxes[b] + 0.5 * size + deltas[from + axis] / centre * size;
            double half = 0.5 * (StrictMath.exp(Math.min(deltas[from + 2 + axis] / side, MOST)) * size);
            decoded[4 * to + axis] = middle - half;
            decoded[4 * to + axis + 2] = middle + half;
        }
    }
}
