package perdura.datasets.image;

import java.util.BitSet;

/** A set of pixels of an image. Not thread-safe while it is drawn. */
public final class PixelMask {
    private final int width;
    private final int height;
    /** Column by column, as run lengths count: pixel (x, y) is bit x * height + y. */
    private final BitSet bits;

    /** An empty mask. */
    public PixelMask(int width, int height) {
        if (width < 1 || height < 1 || (long) width * height > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "mask needs width and height >= 1 and at most 2^31 - 1 pixels, was " + width + " x " + height);
        }
        this.width = width;
        this.height = height;
        this.bits = new BitSet(width * height);
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** Adds the pixel in column x and row y, from 0. */
    public void set(int x, int y) {
        bits.set(index(x, y));
    }

    public boolean isSet(int x, int y) {
        return bits.get(index(x, y));
    }

    public boolean isEmpty() {
        return bits.isEmpty();
    }

    /** How many pixels are set. */
    public int count() {
        return bits.cardinality();
    }

    /** The smallest box around all that is set; there must be something. */
    public CropBox bounds() {
        int left = bits.nextSetBit(0) / height;
        int right = (bits.length() - 1) / height;
        int top = bits.stream().map(bit -> bit % height).min().orElseThrow();
        int bottom = bits.stream().map(bit -> bit % height).max().orElseThrow();
        return new CropBox(top, left, bottom - top + 1, right - left + 1);
    }

    /**
     * The mask at another size: nearest, source index = ((2i + 1) x old) div (2 x new) in integers (prior.md 4.1); agrees
     * with {@code torch.nn.functional.interpolate(mode="nearest-exact")}.
     */
    public PixelMask resize(int newWidth, int newHeight) {
        PixelMask resized = new PixelMask(newWidth, newHeight);
        int[] rows = sources(height, newHeight);
        int[] columns = sources(width, newWidth);
        for (int x = 0; x < newWidth; x++) {
            int column = columns[x] * height;
            for (int y = 0; y < newHeight; y++) {
                if (bits.get(column + rows[y])) {
                    resized.bits.set(x * newHeight + y);
                }
            }
        }
        return resized;
    }

    /** @return [height, width], uint8, row by row, 1 where the mask is set and else 0 */
    public byte[] toBytes() {
        byte[] rows = new byte[width * height];
        for (int bit = bits.nextSetBit(0); bit >= 0; bit = bits.nextSetBit(bit + 1)) {
            rows[bit % height * width + bit / height] = 1;
        }
        return rows;
    }

    /** Pixels counted column by column. */
    long area() {
        return (long) width * height;
    }

    void setRun(int from, int to) {
        bits.set(from, to);
    }

    /** The first pixel from {@code from} on that is set, column by column, or -1. */
    int runBegin(int from) {
        return bits.nextSetBit(from);
    }

    /** The first pixel from {@code from} on that is not set, column by column; the area if all are. */
    int runEnd(int from) {
        return bits.nextClearBit(from);
    }

    private int index(int x, int y) {
        if (x < 0 || x >= width || y < 0 || y >= height) {
            throw new IndexOutOfBoundsException(
                    "pixel (" + x + ", " + y + ") is outside of a mask of " + width + " x " + height);
        }
        return x * height + y;
    }

    private static int[] sources(int oldSide, int newSide) {
        int[] sources = new int[newSide];
        for (int i = 0; i < newSide; i++) {
            sources[i] = (int) ((2L * i + 1) * oldSide / (2L * newSide));
        }
        return sources;
    }
}
