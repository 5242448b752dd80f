package perdura.training.image;

import java.util.Arrays;

/**
 * Resizes with a triangle filter that widens when the image shrinks, so that nothing aliases. Agrees to the bit with Pillow's
 * {@code Image.resize(size, BILINEAR)} on 8-bit grey images: first along rows, then along columns, weights of 22 fractional
 * bits, each pass rounded to 8 bits.
 */
public final class BilinearResize {
    private static final int PRECISION_BITS = 22;
    private static final int HALF = 1 << (PRECISION_BITS - 1);
    private static final long TWO_HALVES = ((long) HALF << 32) | HALF;

    private BilinearResize() {}

    /** A new image, or the given one if it has the asked size. */
    public static GrayImage resize(GrayImage image, int width, int height) {
        if (image.width() == width && image.height() == height) {
            return image;
        }
        byte[] out = new byte[width * height];
        resize(image.pixels(), image.width(), CropBox.whole(image.width(), image.height()), out, width, height);
        return new GrayImage(width, height, out);
    }

    /**
     * Resizes a part of an image; agrees with {@code image.crop(box).resize(size, BILINEAR)}.
     *
     * @param in [any, inWidth], uint8
     * @param box within {@code in}
     * @param out [height, width], uint8, all of it is written
     */
    public static void resize(byte[] in, int inWidth, CropBox box, byte[] out, int width, int height) {
        box.requireWithin(in, inWidth);
        byte[] rows = new byte[width * box.height()];
        if (box.width() == width) {
            box.copy(in, inWidth, rows);
        } else {
            alongRows(in, inWidth, box, rows, new Weights(box.width(), width));
        }
        if (box.height() == height) {
            System.arraycopy(rows, 0, out, 0, rows.length);
        } else {
            alongColumns(rows, width, out, new Weights(box.height(), height));
        }
    }

    /** Four rows at a time, two of them in each long: no sum reaches 32 bits. */
    private static void alongRows(byte[] in, int inWidth, CropBox box, byte[] out, Weights weights) {
        int width = weights.first.length;
        long[] upper = new long[box.width()];
        long[] lower = new long[box.width()];
        int[] from = new int[4];
        int[] to = new int[4];
        for (int y = 0; y < box.height(); y += 4) {
            for (int k = 0; k < 4; k++) { // below the last row: the last row again
                int row = Math.min(y + k, box.height() - 1);
                from[k] = (box.top() + row) * inWidth + box.left();
                to[k] = row * width;
            }
            pair(in, from[0], from[1], upper);
            pair(in, from[2], from[3], lower);
            fourRows(upper, lower, weights, out, to);
        }
    }

    private static void pair(byte[] in, int first, int second, long[] pairs) {
        for (int x = 0; x < pairs.length; x++) {
            pairs[x] = (in[first + x] & 0xFFL) | (in[second + x] & 0xFFL) << 32;
        }
    }

    private static void fourRows(long[] upper, long[] lower, Weights weights, byte[] out, int[] to) {
        int[] first = weights.first;
        int[] begin = weights.begin;
        int[] taps = weights.taps;
        for (int x = 0; x < first.length; x++) {
            long upperSum = TWO_HALVES;
            long lowerSum = TWO_HALVES;
            int shift = first[x] - begin[x];
            int end = begin[x + 1];
            for (int k = begin[x]; k < end; k++) {
                long tap = taps[k];
                upperSum += upper[shift + k] * tap;
                lowerSum += lower[shift + k] * tap;
            }
            out[to[0] + x] = clip((int) upperSum);
            out[to[1] + x] = clip((int) (upperSum >>> 32));
            out[to[2] + x] = clip((int) lowerSum);
            out[to[3] + x] = clip((int) (lowerSum >>> 32));
        }
    }

    private static void alongColumns(byte[] in, int width, byte[] out, Weights weights) {
        int[] sums = new int[width];
        for (int y = 0; y < weights.first.length; y++) {
            Arrays.fill(sums, HALF);
            int at = weights.first[y] * width;
            for (int k = weights.begin[y]; k < weights.begin[y + 1]; k++) {
                int tap = weights.taps[k];
                for (int x = 0; x < width; x++) {
                    sums[x] += (in[at++] & 0xFF) * tap;
                }
            }
            for (int x = 0; x < width; x++) {
                out[y * width + x] = clip(sums[x]);
            }
        }
    }

    /** No weight is negative, so no sum is. */
    private static byte clip(int sum) {
        return (byte) Math.min(255, sum >> PRECISION_BITS);
    }

    /** For each place of the new side: the first place of the old side, and the weights from there on. */
    private static final class Weights {
        private final int[] first;
        /** Where the weights of a place begin in {@code taps}, and at the end their count. */
        private final int[] begin;

        private final int[] taps;

        Weights(int oldSide, int newSide) {
            first = new int[newSide];
            begin = new int[newSide + 1];
            double scale = (double) oldSide / newSide;
            double support = Math.max(scale, 1.0);
            int[] fixed = new int[newSide * ((int) Math.ceil(support) * 2 + 1)];
            for (int i = 0; i < newSide; i++) {
                double centre = (i + 0.5) * scale;
                first[i] = Math.max(0, (int) (centre - support + 0.5));
                int end = Math.min(oldSide, (int) (centre + support + 0.5));
                begin[i + 1] = begin[i] + end - first[i];
                fill(fixed, begin[i], first[i], end, centre, support);
            }
            taps = Arrays.copyOf(fixed, begin[newSide]);
        }

        private static void fill(int[] fixed, int at, int first, int end, double centre, double support) {
            double[] weights = new double[end - first];
            double sum = 0;
            double shrink = 1.0 / support;
            for (int k = 0; k < weights.length; k++) {
                weights[k] = Math.max(0, 1 - Math.abs((k + first - centre + 0.5) * shrink));
                sum += weights[k];
            }
            for (int k = 0; k < weights.length; k++) {
                fixed[at + k] = (int) (0.5 + weights[k] / sum * (1 << PRECISION_BITS));
            }
        }
    }
}
