package perdura.datasets.image;

/** A grey image in memory: [height, width], uint8, row by row. */
public final class GrayImage {
    private final int width;
    private final int height;
    private final byte[] pixels;

    /** @param pixels height x width values, owned by the image */
    public GrayImage(int width, int height, byte[] pixels) {
        if (width < 1 || height < 1 || pixels.length != (long) width * height) {
            throw new IllegalArgumentException(
                    "image needs width x height pixels, was " + width + " x " + height + " and " + pixels.length);
        }
        this.width = width;
        this.height = height;
        this.pixels = pixels;
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** The pixels themselves, not a copy. */
    public byte[] pixels() {
        return pixels;
    }
}
