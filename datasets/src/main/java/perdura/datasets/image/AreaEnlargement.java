package perdura.datasets.image;

/**
 * What OpenCV's {@code INTER_AREA} does to an image of which a side doesn't shrink: linear interpolation in the one pixel
 * that a new pixel's far edge is beyond, weights of 11 fractional bits.
 */
final class AreaEnlargement {
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
