package perdura.datasets.image;

import java.util.Arrays;

/**
 * Resizes with a triangle filter that widens when the image shrinks, so that nothing aliases. Agrees to the bit with Pillow's
 * {@code Image.resize(size, BILINEAR)} on 8-bit grey images: along rows and along columns, weights of 22 fractional bits, each
 * pass rounded to 8 bits. Where the height loses more than twice as many pixels as the width, columns go first, as in Pillow
 * 13; before, Pillow always took rows first, which makes a difference of 1 in some pixels.
 */
public final class BilinearResize {
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
        if (isColumnsFirst(box, width, height)) {
            byte[] lower = new byte[box.width() * height];
            alongColumns(new ResizedRows(in, inWidth, box, box.width()), box, lower, height);
            new ResizedRows(lower, box.width(), CropBox.whole(box.width(), height), width).copy(out);
        } else if (box.height() == height) {
            new ResizedRows(in, inWidth, box, width).copy(out);
        } else {
            alongColumns(new ResizedRows(in, inWidth, box, width), box, out, height);
        }
    }

    private static boolean isColumnsFirst(CropBox box, int width, int height) {
        int lost = box.height() - height;
        return lost > 0 && lost > 2 * (box.width() - width);
    }

    /** The rows that a new row is made of stay at hand, no more: few, so that they stay in the cache. */
    private static void alongColumns(ResizedRows rows, CropBox box, byte[] out, int height) {
        TriangleWeights weights = new TriangleWeights(box.height(), height);
        int width = rows.width();
        int[] sums = new int[width];
        byte[] ring = rows.ring(weights.most());
        for (int y = 0; y < weights.places(); y++) {
            Arrays.fill(sums, TriangleWeights.HALF);
            rows.readTo(weights.end(y));
            for (int old = weights.first(y); old < weights.end(y); old++) {
                int weight = weights.weight(y, old);
                int at = rows.at(old);
                for (int x = 0; x < width; x++) {
                    sums[x] += (ring[at++] & 0xFF) * weight;
                }
            }
            for (int x = 0; x < width; x++) {
                out[y * width + x] = TriangleWeights.clip(sums[x]);
            }
        }
    }
}
