package perdura.datasets.image;

import org.jspecify.annotations.Nullable;

/** The rows of a part of an image at another width, from the top down, a few of them at hand. */
final class ResizedRows {
    private static final int AT_ONCE = 4;

    private final byte[] in;
    private final int inWidth;
    private final CropBox box;
    private final int width;
    private final @Nullable ShrinkingRows shrinking;
    private final @Nullable TriangleWeights stretching;
    private final int[] from = new int[AT_ONCE];
    private final int[] to = new int[AT_ONCE];
    private byte[] ring = new byte[0];
    private int slots;
    /** Rows read so far. */
    private int read;

    ResizedRows(byte[] in, int inWidth, CropBox box, int width) {
        this.in = in;
        this.inWidth = inWidth;
        this.box = box;
        this.width = width;
        this.shrinking = box.width() > width ? new ShrinkingRows(box.width(), width) : null;
        this.stretching = box.width() < width ? new TriangleWeights(box.width(), width) : null;
    }

    int width() {
        return width;
    }

    /** @param most rows that are needed at the same time */
    byte[] ring(int most) {
        slots = most + 2 * AT_ONCE;
        ring = new byte[slots * width];
        return ring;
    }

    /** Where a row is, of those read last. */
    int at(int row) {
        return row % slots * width;
    }

    /** Reads on, so that the row before {@code end} is at hand. */
    void readTo(int end) {
        for (; read < end; read += AT_ONCE) {
            for (int k = 0; k < AT_ONCE; k++) { // below the last row: the last row again
                int row = Math.min(read + k, box.height() - 1);
                from[k] = begin(row);
                to[k] = at(row);
            }
            resize(ring);
        }
    }

    /** All rows, [height of the part, width]. */
    void copy(byte[] out) {
        slots = box.height();
        ring = out;
        readTo(box.height());
    }

    private int begin(int row) {
        return (box.top() + row) * inWidth + box.left();
    }

    private void resize(byte[] out) {
        if (shrinking != null) {
            shrinking.shrink(in, from, out, to);
            return;
        }
        for (int k = 0; k < AT_ONCE; k++) {
            if (stretching == null) {
                System.arraycopy(in, from[k], out, to[k], width);
            } else {
                stretch(stretching, from[k], out, to[k]);
            }
        }
    }

    private void stretch(TriangleWeights weights, int row, byte[] out, int at) {
        for (int x = 0; x < width; x++) {
            int sum = TriangleWeights.HALF;
            for (int old = weights.first(x); old < weights.end(x); old++) {
                sum += (in[row + old] & 0xFF) * weights.weight(x, old);
            }
            out[at + x] = TriangleWeights.clip(sum);
        }
    }
}
