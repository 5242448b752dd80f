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

    /**
     * The pass along rows where they get shorter, which is where the time goes. Centres of new pixels cut a row into segments; a pixel
     * counts for the new pixel at the left end of its segment and for the one at the right end. Both weights share a long, so
     * that one multiplication does for both: no sum reaches 32 bits.
     */
    private static final class ShrinkingRows {
        private static final long HALF = TriangleWeights.HALF;
        private static final long UPPER_HALF = HALF << 32;

        private final int newWidth;
        /** Segment s, from 0 to newWidth, has new pixel s - 1 at its left and s at its right end. */
        private final int[] segments;
        /** For each old pixel, the weight for the left end in the lower, for the right end in the upper 32 bits. */
        private final long[] weights;

        ShrinkingRows(int oldWidth, int newWidth) {
            TriangleWeights triangle = new TriangleWeights(oldWidth, newWidth);
            this.newWidth = newWidth;
            this.segments = new int[newWidth + 2];
            this.weights = new long[oldWidth];
            for (int s = 1; s <= newWidth; s++) {
                segments[s] = firstFrom((s - 0.5) * oldWidth / newWidth);
            }
            segments[newWidth + 1] = oldWidth;
            for (int place = 0; place < newWidth; place++) {
                for (int old = triangle.first(place); old < triangle.end(place); old++) {
                    put(place, old, triangle.weight(place, old));
                }
            }
        }

        /** The first pixel whose middle is not left of {@code centre}. */
        private static int firstFrom(double centre) {
            return (int) Math.ceil(centre - 0.5);
        }

        private void put(int place, int old, long weight) {
            boolean isRight = old < segments[place + 1];
            int segment = isRight ? place : place + 1;
            boolean isWithin = segments[segment] <= old && old < segments[segment + 1];
            if (isWithin) {
                weights[old] += isRight ? weight << 32 : weight;
            } else if (weight != 0) { // a triangle reaches from centre to centre
                throw new IllegalStateException("pixel " + old + " is beyond the neighbours of new pixel " + place);
            }
        }

        /**
         * Shrinks four rows; they may be the same.
         *
         * @param from where each row begins in {@code in}
         * @param to where each begins in {@code out}
         */
        void shrink(byte[] in, int[] from, byte[] out, int[] to) {
            int row0 = from[0];
            int row1 = from[1];
            int row2 = from[2];
            int row3 = from[3];
            long left0 = HALF;
            long left1 = HALF;
            long left2 = HALF;
            long left3 = HALF;
            for (int s = 0; s <= newWidth; s++) {
                long sum0 = left0 | UPPER_HALF;
                long sum1 = left1 | UPPER_HALF;
                long sum2 = left2 | UPPER_HALF;
                long sum3 = left3 | UPPER_HALF;
                int end = segments[s + 1];
                for (int x = segments[s]; x < end; x++) {
                    long weight = weights[x];
                    sum0 += (in[row0 + x] & 0xFF) * weight;
                    sum1 += (in[row1 + x] & 0xFF) * weight;
                    sum2 += (in[row2 + x] & 0xFF) * weight;
                    sum3 += (in[row3 + x] & 0xFF) * weight;
                }
                if (s > 0) { // nothing more comes for the pixel at the left end
                    out[to[0] + s - 1] = TriangleWeights.clip((int) sum0);
                    out[to[1] + s - 1] = TriangleWeights.clip((int) sum1);
                    out[to[2] + s - 1] = TriangleWeights.clip((int) sum2);
                    out[to[3] + s - 1] = TriangleWeights.clip((int) sum3);
                }
                left0 = sum0 >>> 32;
                left1 = sum1 >>> 32;
                left2 = sum2 >>> 32;
                left3 = sum3 >>> 32;
            }
        }
    }
}
