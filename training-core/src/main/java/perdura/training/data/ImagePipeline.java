package perdura.training.data;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import perdura.training.image.BilinearResize;
import perdura.training.image.JpegFile;
import perdura.training.image.NearestRotation;

/**
 * From a JPEG file to the model's input (prior.md 1.6): decode grey, resize, rotate, mirror, z-score. Decoded and resized
 * images stay in memory up to a budget. Thread-safe.
 */
final class ImagePipeline {
    private static final float MEAN = 0.4755f;
    private static final float DEVIATION = 0.3011f;

    private final int side;
    private final long cacheBytes;
    private final float[] zScores = new float[256];
    private final ConcurrentMap<Path, byte[]> cache = new ConcurrentHashMap<>();
    private final AtomicLong cachedBytes = new AtomicLong();

    /**
     * Sets a pipeline up.
     *
     * @param side S of the square input
     * @param cacheBytes memory for resized images, 0 for none
     */
    ImagePipeline(int side, long cacheBytes) {
        this.side = side;
        this.cacheBytes = cacheBytes;
        for (int value = 0; value < 256; value++) {
            zScores[value] = (value / 255f - MEAN) / DEVIATION;
        }
    }

    /**
     * Writes one image.
     *
     * @param degrees rotation, anticlockwise
     * @param mirrored whether left and right change places
     * @param out written from {@code offset} on: [1, S, S], float32
     * @throws perdura.grids.spec.PerduraException INVALID_DATA that names the file
     */
    void write(Path file, double degrees, boolean mirrored, FloatBuffer out, int offset) {
        byte[] pixels = resized(file);
        if (degrees != 0) {
            byte[] turned = new byte[side * side];
            NearestRotation.rotate(pixels, turned, side, degrees);
            pixels = turned;
        }
        for (int y = 0; y < side; y++) {
            int row = y * side;
            for (int x = 0; x < side; x++) {
                int from = row + (mirrored ? side - 1 - x : x);
                out.put(offset + row + x, zScores[pixels[from] & 0xFF]);
            }
        }
    }

    private byte[] resized(Path file) {
        byte[] known = cache.get(file);
        if (known != null) {
            return known;
        }
        byte[] pixels = BilinearResize.resize(JpegFile.decode(file), side, side).pixels();
        if (cachedBytes.get() + pixels.length <= cacheBytes && cache.putIfAbsent(file, pixels) == null) {
            cachedBytes.addAndGet(pixels.length);
        }
        return pixels;
    }
}
