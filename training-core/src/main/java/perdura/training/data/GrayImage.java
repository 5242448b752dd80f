package perdura.training.data;

/** A grey image in memory: [height, width], uint8, row by row. */
final class GrayImage {
    private final int width;
    private final int height;
    private final byte[] pixels;

    /** @param pixels height x width values, owned by the image */
    GrayImage(int width, int height, byte[] pixels) {
        if (width < 1 || height < 1 || pixels.length != width * height) {
            throw new IllegalArgumentException(
                    "image needs width x height pixels, was " + width + " x " + height + " and " + pixels.length);
        }
        this.width = width;
        this.height = height;
        this.pixels = pixels;
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    /** The pixels themselves, not a copy. */
    byte[] pixels() {
        return pixels;
    }
}
