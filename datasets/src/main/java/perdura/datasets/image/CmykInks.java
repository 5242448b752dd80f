package perdura.datasets.image;

import java.awt.image.Raster;

/**
 * How a JPEG file's four samples of a pixel are meant, cyan, magenta, yellow and black (Adobe's Technical Note 5116). More is lighter,
 * as Adobe writes it; Pillow takes files without Adobe's marker so too.
 */
enum CmykInks {
    /** The light that each ink leaves. */
    LIGHT,
    /** Luma and chroma of the light that the three colours leave, and that which black leaves. */
    LUMA_CHROMA;

    static final int BANDS = 4;
    private static final int LUMA_CHROMA_TRANSFORM = 2;

    static CmykInks of(JpegSegments segments) {
        return segments.adobeTransform() == LUMA_CHROMA_TRANSFORM ? LUMA_CHROMA : LIGHT;
    }

    /** Grey as Pillow has it: CMYK to RGB, and that to mode L. */
    GrayImage gray(Raster raster) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        byte[] pixels = new byte[width * height];
        int[] row = new int[width * BANDS];
        for (int y = 0; y < height; y++) {
            raster.getPixels(0, y, width, 1, row);
            for (int x = 0; x < width; x++) {
                int at = x * BANDS;
                pixels[y * width + x] = gray(row[at], row[at + 1], row[at + 2], row[at + 3]);
            }
        }
        return new GrayImage(width, height, pixels);
    }

    private byte gray(int first, int second, int third, int black) {
        if (this == LIGHT) {
            return JpegFile.gray(left(255 - first, black), left(255 - second, black), left(255 - third, black));
        }
        // libjpeg makes inks of them, which Pillow inverts with the rest.
        int blueness = second - 128;
        int redness = third - 128;
        return JpegFile.gray(
                left(level(first + 1.402 * redness), black),
                left(level(first - 0.344136 * blueness - 0.714136 * redness), black),
                left(level(first + 1.772 * blueness), black));
    }

    /** What an ink leaves of the light. */
    private static int left(int ink, int light) {
        int product = ink * light + 128;
        return Math.max(0, light - (((product >> 8) + product) >> 8));
    }

    private static int level(double value) {
        return (int) Math.max(0, Math.min(255, Math.rint(value)));
    }
}
