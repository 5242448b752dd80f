package perdura.datasets.image;

/** The pixels of an image as they are stored: 8 bits each, or 16 in little endian, from byte {@code from} on. */
final class StoredPixels {
    private final byte[] bytes;
    private final int from;
    private final PixelFormat format;

    StoredPixels(byte[] bytes, int from, PixelFormat format) {
        this.bytes = bytes;
        this.from = from;
        this.format = format;
    }

    /** For each combination of the allocated bits, whether a pixel has it. */
    boolean[] used() {
        boolean[] used = new boolean[1 << format.bitsAllocated()];
        for (int i = 0; i < format.pixels(); i++) {
            used[bits(i)] = true;
        }
        return used;
    }

    /** @param grays the grey of each combination of the allocated bits */
    GrayImage toImage(byte[] grays) {
        byte[] pixels = new byte[(int) format.pixels()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = grays[bits(i)];
        }
        return new GrayImage(format.columns(), format.rows(), pixels);
    }

    private int bits(int pixel) {
        if (format.bitsAllocated() == 8) {
            return bytes[from + pixel] & 0xFF;
        }
        int at = from + 2 * pixel;
        return (bytes[at] & 0xFF) | (bytes[at + 1] & 0xFF) << 8;
    }
}
