package perdura.datasets.data;

import java.nio.FloatBuffer;
import perdura.datasets.array.NpyFile;
import perdura.datasets.image.Mirror;
import perdura.datasets.image.NearestRotation;

/** Augmentation of ingested grey images (prior.md 1.6): rotate, mirror, z-score. Thread-safe. */
final class GreyImages {
    private final NpyFile images;
    private final int side;

    /** @param images [images, S, S], uint8 */
    GreyImages(NpyFile images) {
        this.images = images;
        this.side = Math.toIntExact(images.shape().get(1));
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
        byte[] pixels = images.read(row);
        if (degrees != 0) {
            byte[] turned = new byte[side * side];
            NearestRotation.rotate(pixels, turned, side, degrees);
            pixels = turned;
        }
        if (mirrored) {
            Mirror.flip(pixels, side);
        }
        Normalization.GREY.write(pixels, out, offset);
    }
}
