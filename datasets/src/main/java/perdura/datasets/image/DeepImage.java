package perdura.datasets.image;

/**
 * A grey image of 9 to 16 bits with the window in which it is to be looked at: [height, width], unsigned, row by row.
 */
public final class DeepImage {
    private final int width;
    private final int height;
    private final char[] pixels;
    private final int bits;
    private final int windowCenter;
    private final int windowWidth;

    /**
     * An image whose black is at {@code windowCenter - 0.5 - (windowWidth - 1) / 2} and whose white is
     * {@code windowWidth - 1} above that (PS3.3 C.11.2.1.2.1).
     *
     * @param pixels height x width values below 2^bits, owned by the image
     * @param bits stored bits, 9 to 16
     * @param windowWidth at least 2
     */
    public DeepImage(int width, int height, char[] pixels, int bits, int windowCenter, int windowWidth) {
        if (width < 1 || height < 1 || pixels.length != (long) width * height) {
            throw new IllegalArgumentException(
                    "image needs width x height pixels, was " + width + " x " + height + " and " + pixels.length);
        }
        if (bits < 9 || bits > 16 || windowWidth < 2) {
            throw new IllegalArgumentException(
                    "bits must be 9 to 16 and windowWidth >= 2, were " + bits + " and " + windowWidth);
        }
        this.width = width;
        this.height = height;
        this.pixels = pixels;
        this.bits = bits;
        this.windowCenter = windowCenter;
        this.windowWidth = windowWidth;
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    public int bits() {
        return bits;
    }

    public int windowCenter() {
        return windowCenter;
    }

    public int windowWidth() {
        return windowWidth;
    }

    /** The pixels as DICOM stores them: 16 bits each, low byte first. */
    byte[] toBytes() {
        byte[] bytes = new byte[2 * pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            bytes[2 * i] = (byte) pixels[i];
            bytes[2 * i + 1] = (byte) (pixels[i] >>> 8);
        }
        return bytes;
    }
}
