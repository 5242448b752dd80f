package perdura.datasets.image;

import java.util.Arrays;

/**
 * Shrinks by area: a new pixel is the mean of what it covers, parts of pixels weighted. Agrees with OpenCV's {@code
 * cv2.resize(interpolation=INTER_AREA)} on 8-bit grey images: to the bit with 4.10 and 5.0 on x86; a build that sums in another
 * order may differ by 1. A side that grows makes it interpolate linearly, as OpenCV does.
 */
public final class AreaResize {
    /** Less of a pixel than this counts as nothing. */
    private static final double LEAST_PART = 1e-3;

    private AreaResize() {}

    /** A new image, or the given one if it has the asked size. */
    public static GrayImage resize(GrayImage image, int width, int height) {
        if (image.width() == width && image.height() == height) {
            return image;
        }
        byte[] out = new byte[width * height];
        if (width > image.width() || height > image.height()) {
            AreaEnlargement.resize(image, out, width, height);
        } else if (isWhole(image.width(), width) && isWhole(image.height(), height)) {
            means(image, out, width, height);
        } else {
            shrink(image, out, width, height);
        }
        return new GrayImage(width, height, out);
    }

    /** How many old pixels make a new one. */
    private static double scale(int oldSide, int newSide) {
        return 1 / ((double) newSide / oldSide);
    }

    private static boolean isWhole(int oldSide, int newSide) {
        double scale = scale(oldSide, newSide);
        return Math.abs(scale - Math.rint(scale)) < Math.ulp(1.0);
    }

    /** Whole pixels only. */
    private static void means(GrayImage image, byte[] out, int width, int height) {
        int across = image.width() / width;
        int down = image.height() / height;
        float share = 1f / (across * down);
        boolean isHalf = across == 2 && down == 2;
        byte[] in = image.pixels();
        long[] sums = new long[width];
        for (int y = 0; y < height; y++) {
            Arrays.fill(sums, 0);
            for (int k = 0; k < down; k++) {
                int at = (y * down + k) * image.width();
                for (int x = 0; x < width; x++) {
                    int sum = 0;
                    for (int i = 0; i < across; i++) {
                        sum += in[at++] & 0xFF;
                    }
                    sums[x] += sum;
                }
            }
            for (int x = 0; x < width; x++) { // halves go up where four pixels make one, else to the even number
                out[y * width + x] = (byte) (isHalf ? (sums[x] + 2) >> 2 : (int) Math.rint(sums[x] * share));
            }
        }
    }

    private static void shrink(GrayImage image, byte[] out, int width, int height) {
        Cover columns = new Cover(image.width(), width);
        Cover rows = new Cover(image.height(), height);
        float[] row = new float[width];
        float[] sums = new float[width];
        for (int y = 0; y < height; y++) {
            for (int k = rows.begin[y]; k < rows.begin[y + 1]; k++) {
                along(image.pixels(), (rows.first[y] + k - rows.begin[y]) * image.width(), columns, row);
                float share = rows.shares[k];
                boolean isFirst = k == rows.begin[y];
                for (int x = 0; x < width; x++) {
                    sums[x] = isFirst ? share * row[x] : sums[x] + share * row[x];
                }
            }
            for (int x = 0; x < width; x++) {
                out[y * width + x] = (byte) Math.min(255, (int) Math.rint(sums[x]));
            }
        }
    }

    private static void along(byte[] in, int from, Cover columns, float[] row) {
        int[] first = columns.first;
        int[] begin = columns.begin;
        float[] shares = columns.shares;
        for (int x = 0; x < row.length; x++) {
            float sum = 0;
            int shift = from + first[x] - begin[x];
            int end = begin[x + 1];
            for (int k = begin[x]; k < end; k++) {
                sum += (in[shift + k] & 0xFF) * shares[k];
            }
            row[x] = sum;
        }
    }

    /** For each place of the new side: the first place of the old side it covers, and the shares from there on. */
    private static final class Cover {
        private final int[] first;
        private final int[] begin;
        private final float[] shares;

        Cover(int oldSide, int newSide) {
            double scale = scale(oldSide, newSide);
            first = new int[newSide];
            begin = new int[newSide + 1];
            shares = new float[newSide * ((int) scale + 2)];
            int at = 0;
            for (int i = 0; i < newSide; i++) {
                double from = i * scale;
                double to = from + scale;
                double width = Math.min(scale, oldSide - from);
                int end = Math.min((int) Math.floor(to), oldSide - 1);
                int whole = Math.min((int) Math.ceil(from), end);
                boolean hasPart = whole - from > LEAST_PART;
                first[i] = hasPart ? whole - 1 : whole;
                if (hasPart) {
                    shares[at++] = (float) ((whole - from) / width);
                }
                for (int k = whole; k < end; k++) {
                    shares[at++] = (float) (1 / width);
                }
                if (to - end > LEAST_PART) {
                    shares[at++] = (float) (Math.min(Math.min(to - end, 1), width) / width);
                }
                begin[i + 1] = at;
            }
        }
    }

    /**
     * What OpenCV's {@code INTER_AREA} does to an image of which a side doesn't shrink: linear interpolation in the one pixel
     * that a new pixel's far edge is beyond, weights of 11 fractional bits.
     */
    private static final class AreaEnlargement {
        private static final int WEIGHT_ONE = 1 << 11;

        private AreaEnlargement() {}

        /** @param out [height, width], uint8, all of it is written */
        static void resize(GrayImage image, byte[] out, int width, int height) {
            Ends columns = new Ends(image.width(), width);
            Ends rows = new Ends(image.height(), height);
            int[] upper = new int[width];
            int[] lower = new int[width];
            for (int y = 0; y < height; y++) {
                along(image, rows.near[y], columns, upper);
                along(image, rows.far[y], columns, lower);
                int weight = rows.farWeight[y];
                for (int x = 0; x < width; x++) {
                    int sum = (((WEIGHT_ONE - weight) * (upper[x] >> 4)) >> 16) + ((weight * (lower[x] >> 4)) >> 16);
                    out[y * width + x] = (byte) Math.min(255, (sum + 2) >> 2);
                }
            }
        }

        private static void along(GrayImage image, int row, Ends columns, int[] out) {
            byte[] in = image.pixels();
            int at = row * image.width();
            for (int x = 0; x < out.length; x++) {
                int weight = columns.farWeight[x];
                out[x] = (in[at + columns.near[x]] & 0xFF) * (WEIGHT_ONE - weight)
                        + (in[at + columns.far[x]] & 0xFF) * weight;
            }
        }

        /** For each place of the new side: two neighbours on the old side, and the weight of the second. */
        private static final class Ends {
            private final int[] near;
            private final int[] far;
            private final int[] farWeight;

            Ends(int oldSide, int newSide) {
                near = new int[newSide];
                far = new int[newSide];
                farWeight = new int[newSide];
                double growth = (double) newSide / oldSide;
                double scale = 1 / growth;
                for (int i = 0; i < newSide; i++) {
                    int place = (int) Math.floor(i * scale);
                    float weight = (float) (i + 1 - (place + 1) * growth);
                    weight = weight <= 0 ? 0 : weight - (float) Math.floor(weight);
                    near[i] = Math.min(place, oldSide - 1);
                    far[i] = Math.min(place + 1, oldSide - 1);
                    farWeight[i] = place >= oldSide - 1 ? 0 : (int) Math.rint(weight * WEIGHT_ONE);
                }
            }
        }
    }
}
