package perdura.datasets.synth;

import java.io.IOException;
import java.util.List;
import perdura.datasets.image.DeepImage;
import perdura.datasets.image.GrayImage;
import perdura.datasets.image.GrayJpeg;
import perdura.datasets.image.PixelMask;
import perdura.datasets.synth.Visit.PlacedFinding;

/** A drawn radiograph and the truth about it. */
final class DrawnImage {
    private final int width;
    private final int height;
    private final char[] levels;
    private final List<FindingTrace> traces;

    /** @param levels [height, width], 16 bits */
    DrawnImage(int width, int height, char[] levels, List<FindingTrace> traces) {
        this.width = width;
        this.height = height;
        this.levels = levels;
        this.traces = traces;
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    /** The pixels as they were drawn: [height, width], 16 bits; not a copy. */
    char[] levels() {
        return levels;
    }

    /** The upper eight bits. */
    GrayImage toGray() {
        byte[] pixels = new byte[levels.length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (levels[i] >>> 8);
        }
        return new GrayImage(width, height, pixels);
    }

    /**
     * The upper bits of the levels, moved up by an offset that the window takes away again.
     *
     * @param bits of the stored values; one of them makes room for the offset
     */
    DeepImage toDeep(int bits) {
        int offset = 1 << (bits - 3);
        int range = 1 << (bits - 1);
        char[] pixels = new char[levels.length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (char) (offset + (levels[i] >>> (17 - bits)));
        }
        return new DeepImage(width, height, pixels, bits, offset + range / 2, range);
    }

    /** The upper eight bits as a JPEG file. */
    byte[] toJpeg() throws IOException {
        return GrayJpeg.encode(toGray().pixels(), width, height);
    }

    /** Where each finding of a frontal image is, those included of which nothing is to be seen. */
    List<FindingTrace> traces() {
        return traces;
    }

    /** The pixels of an image that belong to a finding, and the smallest box around them. */
    static final class FindingTrace {
        private final PlacedFinding finding;
        private final PixelMask mask;
        private int left = Integer.MAX_VALUE;
        private int top = Integer.MAX_VALUE;
        private int right = -1;
        private int bottom = -1;
        private int pixels;

        FindingTrace(PlacedFinding finding, int width, int height) {
            this.finding = finding;
            this.mask = new PixelMask(width, height);
        }

        /** Adds a pixel that isn't in it yet. */
        void include(int x, int y) {
            left = Math.min(left, x);
            top = Math.min(top, y);
            right = Math.max(right, x);
            bottom = Math.max(bottom, y);
            pixels++;
            mask.set(x, y);
        }

        PlacedFinding finding() {
            return finding;
        }

        /** False if the finding can't be seen: the box is then of no meaning. */
        boolean isVisible() {
            return pixels > 0;
        }

        int left() {
            return left;
        }

        int top() {
            return top;
        }

        /** The last column inside. */
        int right() {
            return right;
        }

        /** The last row inside. */
        int bottom() {
            return bottom;
        }

        int pixels() {
            return pixels;
        }

        /** The mask itself, not a copy. */
        PixelMask mask() {
            return mask;
        }
    }
}
