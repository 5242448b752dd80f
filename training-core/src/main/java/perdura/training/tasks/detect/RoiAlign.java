package perdura.training.tasks.detect;

import perdura.training.nn.ScriptBuilder;

/**
 * RoIAlign on the levels P2 to P5 (prior.md 4.5); {@code torchvision.ops.MultiScaleRoIAlign} with aligned = false. A cell of a pooled box
 * is the mean of {@code ratio x ratio} samples, each bilinear between four numbers of a map: a sum of at most {@code 4 ratio ratio} of them with
 * weights that don't depend on the map. {@link RoiWeights} makes the weights, {@code torch.embedding_bag} the sums over all channels.
 *
 * <p>A map's rows are taken as [cells of all images and levels, channels], so that each of the numbers is a row to add. Samples of a cell that
 * share a corner are joined before, which for boxes of about the size of the cells leaves a third to a half of the rows. Measured on one thread with 8
 * images of 224 x 224, 512 boxes each and 256 channels, forward and back took 0.43 s, products with a matrix for each axis of a box 24 s, torchvision's
 * own 20 s; with 32 boxes on 96 x 96 and 32 channels 6, 10 and 53 ms. Each cell and each gradient of a row is summed by one thread, in an order that the
 * boxes decide, so that the bits don't depend on the number of threads.
 *
 * @param size cells along a side of a pooled box
 * @param ratio samples along a side of a cell
 * @param canonical side of a box that is pooled from P4, pixels
 */
record RoiAlign(int size, int ratio, double canonical) {
    /** The levels that boxes are pooled from. */
    static final int LEVELS = 4;

    private static final int CANONICAL_LEVEL = 4;
    private static final int FIRST_LEVEL = 2;

    /** The level of a box, 0 for P2. */
    int level(double[] boxes, int box) {
        double side = Math.sqrt(Boxes.area(boxes, box));
        double level = Math.floor(CANONICAL_LEVEL + StrictMath.log(side / canonical) / StrictMath.log(2) + 1e-6);
        return (int) Math.min(Math.max(level - FIRST_LEVEL, 0), LEVELS - 1);
    }

    /** Cells of a pooled box. */
    int cells() {
        return size * size;
    }

    /**
     * Writes {@code roi_rows(p, maps)}, which takes maps [B, C, h, w] of P2, P3, ... to rows [cells of all images and levels, C], and
     * {@code roi_pool(p, rois, rows)}, which takes {@link RoiWeights#tensors} and them to [R, cells, C]: cells row by row.
     */
    void write(ScriptBuilder program) {
        program.function("roi_rows", "maps: List[Tensor]", "Tensor", """
                rows = annotate(List[Tensor], [])
                for i in range(%d):
                  rows_of_level = torch.flatten(torch.permute(maps[i], [0, 2, 3, 1]), 0, 2)
                  _0 = torch.append(rows, rows_of_level)
                return torch.cat(rows)
                """.formatted(LEVELS));
        program.function("roi_pool", "rois: List[Tensor], rows: Tensor", "Tensor", """
                pooled, _0, _1, _2, = torch.embedding_bag(rows, rois[0], rois[1], False, 0, False, rois[2], True)
                return torch.unflatten(pooled, 0, [-1, %d])
                """.formatted(cells()));
    }
}
