package perdura.datasets.ingest;

import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.datasets.image.PixelMask;

/**
 * A sample whose files have been read.
 *
 * @param images those that are sound, not empty
 * @param sentences piece ids of each sentence, without special pieces; empty without a report
 */
record LoadedSample(PlannedSample plan, List<Image> images, List<int[]> sentences) {
    /**
     * One image.
     *
     * @param sha256 of the file, 64 hexadecimal digits
     * @param pixels SHA-256 of the decoded pixels before any resizing, 64 hexadecimal digits
     * @param width of the file's image
     * @param height of the file's image
     * @param views pixels of each view
     * @param mask in pixels of the first view; null where the set has no masks
     * @param boxes x0, y0, x1, y1 in pixels of the first view
     */
    record Image(
            PlannedSample.Image plan,
            String sha256,
            String pixels,
            int width,
            int height,
            List<byte[]> views,
            @Nullable PixelMask mask,
            List<float[]> boxes) {}
}
