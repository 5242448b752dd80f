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
        int pixels = (int) format.pixels();
        if (format.bitsAllocated() == 8) {
            for (int i = from; i < from + pixels; i++) {
                used[bytes[i] & 0xFF] = true;
            }
        } else {
            for (int i = 0; i < pixels; i++) {
                used[twoBytes(from + 2 * i)] = true;
            }
        }
        return used;
    }

    /** @param grays the grey of each combination of the allocated bits */
    GrayImage toImage(byte[] grays) {
        byte[] pixels = new byte[(int) format.pixels()];
        if (format.bitsAllocated() == 8) {
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = grays[bytes[from + i] & 0xFF];
            }
        } else {
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = grays[twoBytes(from + 2 * i)];
            }
        }
        return new GrayImage(format.columns(), format.rows(), pixels);
    }

    private int twoBytes(int at) {
        return (bytes[at] & 0xFF) | (bytes[at + 1] & 0xFF) << 8;
    }
}
