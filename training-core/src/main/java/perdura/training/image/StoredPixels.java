package perdura.training.image;

/** The bits of an image as they are stored, little endian, from byte {@code from} on. */
final class StoredPixels {
    private final byte[] bytes;
    private final int from;
    private final PixelFormat format;
    private final int shift;
    private final int mask;

    StoredPixels(byte[] bytes, int from, PixelFormat format) {
        this.bytes = bytes;
        this.from = from;
        this.format = format;
        this.shift = format.highBit() + 1 - format.bitsStored();
        this.mask = (1 << format.bitsStored()) - 1;
    }

    /** Every image is dark somewhere and light somewhere: the values between which all pixels are. */
    Range range() {
        int least = Integer.MAX_VALUE;
        int most = Integer.MIN_VALUE;
        int pixels = (int) format.pixels();
        for (int i = 0; i < pixels; i++) {
            int value = format.value(stored(i));
            least = Math.min(least, value);
            most = Math.max(most, value);
        }
        return new Range(least, most);
    }

    /** @param grays for each combination of stored bits, the grey value */
    GrayImage toImage(byte[] grays) {
        byte[] pixels = new byte[(int) format.pixels()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = grays[stored(i)];
        }
        return new GrayImage(format.columns(), format.rows(), pixels);
    }

    private int stored(int i) {
        if (format.bitsAllocated() == 8) {
            return ((bytes[from + i] & 0xFF) >> shift) & mask;
        }
        int at = from + 2 * i;
        return (((bytes[at] & 0xFF) | (bytes[at + 1] & 0xFF) << 8) >> shift) & mask;
    }

    /** Least and greatest value, both included. */
    record Range(int least, int most) {}
}
