package perdura.benchmarks;

import perdura.datasets.image.PixelMask;

/**
 * Mean weights of a map over the pixels of an image.
 *
 * @param inside over a region
 * @param outside over all other pixels
 * @param mirrored over the region with left and right changed
 */
record SmallProfileRegion(double inside, double outside, double mirrored) {
    /** Input pixels from one cell of the grid to the next. */
    private static final int STRIDE = 32;

    /**
     * The means.
     *
     * @param weights from {@code offset} on: [grid, grid]
     * @param centred whether a weight stands where its cell looks: each convolution and pooling of stride 2 in torchvision's ResNet keeps
     *     the first pixel as a centre, so that cell i looks at pixel 32 i of the image, and weights in between are linear. Else the cells
     *     are drawn as squares, half a cell further right and down
     */
    static SmallProfileRegion of(double[] weights, int offset, PixelMask mask, int grid, boolean centred) {
        double inside = 0;
        double outside = 0;
        double mirrored = 0;
        int count = 0;
        for (int y = 0; y < mask.height(); y++) {
            double row = place(y, mask.height(), grid, centred);
            for (int x = 0; x < mask.width(); x++) {
                double column = place(x, mask.width(), grid, centred);
                double weight = at(weights, offset, grid, row, column);
                if (mask.isSet(x, y)) {
                    double other = place(mask.width() - 1 - x, mask.width(), grid, centred);
                    inside += weight;
                    mirrored += at(weights, offset, grid, row, other);
                    count++;
                } else {
                    outside += weight;
                }
            }
        }
        int rest = mask.width() * mask.height() - count;
        return new SmallProfileRegion(inside / count, outside / rest, mirrored / count);
    }

    /** Where a pixel lies on the grid, in cells from the first one's centre. */
    private static double place(int pixel, int pixels, int grid, boolean centred) {
        double input = (pixel + 0.5) / pixels * grid * STRIDE;
        return centred ? Math.max(0, Math.min(grid - 1, (input - 0.5) / STRIDE)) : Math.floor(input / STRIDE);
    }

    private static double at(double[] weights, int offset, int grid, double row, double column) {
        int top = (int) row;
        int left = (int) column;
        int bottom = Math.min(top + 1, grid - 1);
        int right = Math.min(left + 1, grid - 1);
        double down = row - top;
        double over = column - left;
        double upper = weights[offset + top * grid + left] * (1 - over) + weights[offset + top * grid + right] * over;
        double lower =
                weights[offset + bottom * grid + left] * (1 - over) + weights[offset + bottom * grid + right] * over;
        return upper * (1 - down) + lower * down;
    }
}
