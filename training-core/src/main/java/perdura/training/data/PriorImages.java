package perdura.training.data;

import java.nio.FloatBuffer;
import perdura.training.array.NpyFile;
import perdura.training.image.NearestRotation;

/** PRIOR's augmentation of ingested images (prior.md 1.6): rotate, mirror, z-score. Thread-safe. */
final class PriorImages {
    private static final float MEAN = 0.4755f;
    private static final float DEVIATION = 0.3011f;

    private final NpyFile images;
    private final int side;
    private final float[] zScores = new float[256];

    /** @param images [images, S, S], uint8 */
    PriorImages(NpyFile images) {
        this.images = images;
        this.side = Math.toIntExact(images.shape().get(1));
        for (int value = 0; value < 256; value++) {
            zScores[value] = (value / 255f - MEAN) / DEVIATION;
        }
    }

    int side() {
        return side;
    }

    /**
     * Writes one image.
     *
     * @param row among the data set's images
     * @param degrees rotation, anticlockwise
     * @param mirrored whether left and right change places
     * @param out written from {@code offset} on: [1, S, S], float32
     */
    void write(long row, double degrees, boolean mirrored, FloatBuffer out, int offset) {
        byte[] pixels = new byte[side * side];
        images.read(row, pixels, 0);
        if (degrees != 0) {
            byte[] turned = new byte[side * side];
            NearestRotation.rotate(pixels, turned, side, degrees);
            pixels = turned;
        }
        for (int y = 0; y < side; y++) {
            int at = y * side;
            for (int x = 0; x < side; x++) {
                int from = at + (mirrored ? side - 1 - x : x);
                out.put(offset + at + x, zScores[pixels[from] & 0xFF]);
            }
        }
    }
}
