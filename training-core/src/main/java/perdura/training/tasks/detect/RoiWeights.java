package perdura.training.tasks.detect;

import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/**
 * The sums that {@link RoiAlign} makes of a batch's maps: of each cell of each pooled box the rows that it adds, and their weights. Its memory is used again
 * for the next batch. Not thread-safe.
 */
final class RoiWeights {
    private final RoiAlign align;
    private final int[] heights = new int[RoiAlign.LEVELS];
    private final int[] widths = new int[RoiAlign.LEVELS];
    private final Axis alongX;
    private final Axis alongY;
    private int images;
    private long[] rows = new long[1 << 12];
    private double[] weights = new double[1 << 12];
    private long[] ends = new long[1 << 10];
    private int entries;
    private int cells;

    /**
     * @param height of the images
     * @param width of the images
     */
    RoiWeights(RoiAlign align, int height, int width) {
        this.align = align;
        for (int level = 0; level < RoiAlign.LEVELS; level++) {
            heights[level] = Anchors.grid(height, level);
            widths[level] = Anchors.grid(width, level);
        }
        this.alongX = new Axis(align);
        this.alongY = new Axis(align);
    }

    /** What the cells along one axis of a box take from a map: at most two places for each sample, equal ones joined. */
    private static final class Axis {
        private final int size;
        private final int ratio;
        private final int most;
        private final int[] counts;
        private final int[] places;
        private final double[] weights;

        Axis(RoiAlign align) {
            this.size = align.size();
            this.ratio = align.ratio();
            this.most = 2 * ratio;
            this.counts = new int[size];
            this.places = new int[size * most];
            this.weights = new double[size * most];
        }

        /**
         * @param begin of the box, in places of the map
         * @param end of the box
         * @param length of the map
         */
        void set(double begin, double end, int length) {
            double cell = Math.max(end - begin, 1) / size;
            for (int i = 0; i < size; i++) {
                counts[i] = 0;
                for (int sample = 0; sample < ratio; sample++) {
                    double at = begin + i * cell + (sample + 0.5) * cell / ratio;
                    if (at < -1 || at > length) {
                        continue;
                    }
                    double inside = Math.min(Math.max(at, 0), length - 1.0);
                    int low = (int) inside;
                    double beyond = inside - low;
                    add(i, low, (1 - beyond) / ratio);
                    if (beyond > 0) {
                        add(i, low + 1, beyond / ratio);
                    }
                }
            }
        }

        /** Samples come in ascending order, so that an equal place is among the last two. */
        private void add(int cell, int place, double weight) {
            int first = cell * most;
            for (int at = first + counts[cell] - 1; at >= first; at--) {
                if (places[at] == place) {
                    weights[at] += weight;
                    return;
                }
            }
            places[first + counts[cell]] = place;
            weights[first + counts[cell]] = weight;
            counts[cell]++;
        }
    }

    /** Begins anew, with maps of that many images. */
    void clear(int ofImages) {
        images = ofImages;
        entries = 0;
        cells = 0;
    }

    /** Adds boxes of an image. */
    void add(int image, double[] boxes) {
        int count = Boxes.count(boxes);
        reserve(count);
        for (int box = 0; box < count; box++) {
            int level = align.level(boxes, box);
            double scale = 1.0 / (4 << level);
            int at = 4 * box;
            alongX.set(boxes[at] * scale, boxes[at + 2] * scale, widths[level]);
            alongY.set(boxes[at + 1] * scale, boxes[at + 3] * scale, heights[level]);
            addCells(firstRow(level) + (long) image * heights[level] * widths[level], widths[level]);
        }
    }

    private long firstRow(int level) {
        long first = 0;
        for (int i = 0; i < level; i++) {
            first += (long) images * heights[i] * widths[i];
        }
        return first;
    }

    private void reserve(int boxes) {
        int newCells = boxes * align.cells();
        int mostEntries = entries + newCells * alongX.most * alongY.most;
        if (rows.length < mostEntries) {
            rows = Arrays.copyOf(rows, Math.max(mostEntries, 2 * entries));
            weights = Arrays.copyOf(weights, rows.length);
        }
        if (ends.length < cells + newCells) {
            ends = Arrays.copyOf(ends, Math.max(cells + newCells, 2 * cells));
        }
    }

    private void addCells(long first, int width) {
        for (int row = 0; row < align.size(); row++) {
            for (int column = 0; column < align.size(); column++) {
                int fromY = row * alongY.most;
                int fromX = column * alongX.most;
                for (int y = fromY; y < fromY + alongY.counts[row]; y++) {
                    long line = first + (long) alongY.places[y] * width;
                    for (int x = fromX; x < fromX + alongX.counts[column]; x++) {
                        rows[entries] = line + alongX.places[x];
                        weights[entries] = alongY.weights[y] * alongX.weights[x];
                        entries++;
                    }
                }
                ends[cells++] = entries;
            }
        }
    }

    /**
     * The rows added [E], where each cell's begin and the last ends [R cells + 1], and the weights [E].
     *
     * @throws IllegalStateException if there is no box
     */
    List<Tensor> tensors(StepScope scope, ElementType type) {
        if (cells == 0) {
            throw new IllegalStateException("there is no box to pool");
        }
        long[] offsets = new long[cells + 1];
        System.arraycopy(ends, 0, offsets, 1, cells);
        return List.of(
                scope.longs(LongBuffer.wrap(rows, 0, entries), entries),
                scope.longs(LongBuffer.wrap(offsets), offsets.length),
                HostNumbers.tensor(scope, type, weights, entries));
    }
}
