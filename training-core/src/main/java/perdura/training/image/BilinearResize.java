package perdura.training.image;

import java.util.Arrays;

/**
 * Resizes with a triangle filter that widens when the image shrinks, so that nothing aliases. Agrees to the bit with Pillow's
 * {@code Image.resize(size, BILINEAR)} on 8-bit grey images: first along rows, then along columns, weights of 22 fractional
 * bits, each pass rounded to 8 bits.
 */
public final class BilinearResize {
    private static final int PRECISION_BITS = 22;

    private BilinearResize() {}

    /** A new image, or the given one if it has the asked size. */
    public static GrayImage resize(GrayImage image, int width, int height) {
        byte[] pixels = image.pixels();
        if (image.width() != width) {
            pixels = alongRows(pixels, image.width(), image.height(), new Weights(image.width(), width));
        }
        if (image.height() != height) {
            pixels = alongColumns(pixels, width, new Weights(image.height(), height));
        }
        return new GrayImage(width, height, pixels);
    }

    private static byte[] alongRows(byte[] in, int inWidth, int height, Weights weights) {
        int outWidth = weights.first.length;
        byte[] out = new byte[outWidth * height];
        for (int x = 0; x < outWidth; x++) {
            int from = weights.first[x];
            int[] taps = weights.taps[x];
            for (int y = 0; y < height; y++) {
                int sum = 1 << (PRECISION_BITS - 1);
                int at = y * inWidth + from;
                for (int tap : taps) {
                    sum += (in[at++] & 0xFF) * tap;
                }
                out[y * outWidth + x] = clip(sum);
            }
        }
        return out;
    }

    private static byte[] alongColumns(byte[] in, int width, Weights weights) {
        int outHeight = weights.first.length;
        byte[] out = new byte[width * outHeight];
        int[] sums = new int[width];
        for (int y = 0; y < outHeight; y++) {
            Arrays.fill(sums, 1 << (PRECISION_BITS - 1));
            int at = weights.first[y] * width;
            for (int tap : weights.taps[y]) {
                for (int x = 0; x < width; x++) {
                    sums[x] += (in[at++] & 0xFF) * tap;
                }
            }
            for (int x = 0; x < width; x++) {
                out[y * width + x] = clip(sums[x]);
            }
        }
        return out;
    }

    private static byte clip(int sum) {
        return (byte) Math.max(0, Math.min(255, sum >> PRECISION_BITS));
    }

    /** For each place of the new side: the first place of the old side, and the weights from there on. */
    private static final class Weights {
        private final int[] first;
        private final int[][] taps;

        Weights(int oldSide, int newSide) {
            first = new int[newSide];
            taps = new int[newSide][];
            double scale = (double) oldSide / newSide;
            double support = Math.max(scale, 1.0);
            for (int i = 0; i < newSide; i++) {
                double centre = (i + 0.5) * scale;
                first[i] = Math.max(0, (int) (centre - support + 0.5));
                int end = Math.min(oldSide, (int) (centre + support + 0.5));
                taps[i] = taps(first[i], end, centre, support);
            }
        }

        private static int[] taps(int first, int end, double centre, double support) {
            double[] weights = new double[end - first];
            double sum = 0;
            double shrink = 1.0 / support;
            for (int k = 0; k < weights.length; k++) {
                weights[k] = Math.max(0, 1 - Math.abs((k + first - centre + 0.5) * shrink));
                sum += weights[k];
            }
            int[] fixed = new int[weights.length];
            for (int k = 0; k < weights.length; k++) {
                fixed[k] = (int) (0.5 + weights[k] / sum * (1 << PRECISION_BITS));
            }
            return fixed;
        }
    }
}
