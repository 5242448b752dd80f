package perdura.training.tasks.detect;

import java.util.List;

/**
 * The anchors of the levels P2 to P6 (prior.md 4.5), as {@code torchvision.models.detection.anchor_utils.AnchorGenerator} lays them: level by
 * level, in each row by row, column by column, ratio by ratio.
 *
 * @param boxes of all levels, four numbers each
 * @param ends of the levels: the number of the first anchor after each
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Anchors(double[] boxes, int[] ends) {
    static final int LEVELS = 5;

    /** The stride of the first level, P2. */
    private static final int FINEST_STRIDE = 4;

    /**
     * Those of an image.
     *
     * @param sizes side of a level's square anchor, in pixels
     * @param ratios height to width
     */
    static Anchors of(int height, int width, List<Integer> sizes, List<Double> ratios) {
        int[] ends = new int[LEVELS];
        int total = 0;
        for (int level = 0; level < LEVELS; level++) {
            total += grid(height, level) * grid(width, level) * ratios.size();
            ends[level] = total;
        }
        double[] boxes = new double[4 * total];
        int at = 0;
        for (int level = 0; level < LEVELS; level++) {
            at = write(boxes, at, new int[] {height, width}, level, cells(sizes.get(level), ratios));
        }
        return new Anchors(boxes, ends);
    }

    /** Cells along a side of a level's map: each level has half of those below it, rounded up. */
    static int grid(int side, int level) {
        int cells = (side + FINEST_STRIDE - 1) / FINEST_STRIDE;
        for (int i = 0; i < level; i++) {
            cells = (cells + 1) / 2;
        }
        return cells;
    }

    /** The anchors around 0, one for each ratio, corners rounded half to even. */
    private static double[] cells(int size, List<Double> ratios) {
        double[] cells = new double[4 * ratios.size()];
        for (int i = 0; i < ratios.size(); i++) {
            double root = Math.sqrt(ratios.get(i));
            double x = Math.rint(size / root / 2);
            double y = Math.rint(size * root / 2);
            cells[4 * i] = -x;
            cells[4 * i + 1] = -y;
            cells[4 * i + 2] = x;
            cells[4 * i + 3] = y;
        }
        return cells;
    }

    private static int write(double[] boxes, int from, int[] image, int level, double[] cells) {
        int rows = grid(image[0], level);
        int columns = grid(image[1], level);
        int stepY = image[0] / rows;
        int stepX = image[1] / columns;
        int at = from;
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                for (int i = 0; i < cells.length; i++) {
                    boxes[at++] = cells[i] + (i % 2 == 0 ? column * stepX : row * stepY);
                }
            }
        }
        return at;
    }

    int count() {
        return ends[LEVELS - 1];
    }

    /** The number of a level's first anchor. */
    int begin(int level) {
        return level == 0 ? 0 : ends[level - 1];
    }
}
