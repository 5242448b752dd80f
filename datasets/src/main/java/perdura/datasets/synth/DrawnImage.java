package perdura.datasets.synth;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import perdura.datasets.image.DicomWriter;
import perdura.datasets.image.GrayImage;
import perdura.datasets.image.JpegFile;
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
     * A DICOM file of the upper bits of the levels, moved up by an offset that the window takes away again.
     *
     * @param bits of the stored values; one of them makes room for the offset
     */
    byte[] toDicom(int bits, DicomWriter.Tags tags, DicomWriter.Encoding encoding) {
        int offset = 1 << (bits - 3);
        int range = 1 << (bits - 1);
        ByteBuffer stored = ByteBuffer.allocate(2 * levels.length).order(ByteOrder.LITTLE_ENDIAN);
        for (char level : levels) {
            stored.putChar((char) (offset + (level >>> (17 - bits))));
        }
        DicomWriter.Window window = new DicomWriter.Window(bits, offset + range / 2, range);
        return DicomWriter.write(stored.array(), width, height, window, tags, encoding);
    }

    /** The upper eight bits as a JPEG file. */
    byte[] toJpeg() throws IOException {
        return JpegFile.encode(toGray().pixels(), width, height);
    }

    /** Where each finding of a frontal image is, those included of which nothing is to be seen. */
    List<FindingTrace> traces() {
        return traces;
    }

    /** The pixels of an image that belong to a finding; none if the finding can't be seen. */
    record FindingTrace(PlacedFinding finding, PixelMask mask) {
        boolean isVisible() {
            return !mask.isEmpty();
        }
    }
}
