package perdura.training.synth;

import java.util.List;

/** A drawn radiograph and the truth about it. */
final class DrawnImage {
    private final byte[] pixels;
    private final List<FindingBox> boxes;

    /** @param pixels [height, width], uint8 */
    DrawnImage(byte[] pixels, List<FindingBox> boxes) {
        this.pixels = pixels;
        this.boxes = boxes;
    }

    /** The pixels themselves, not a copy. */
    byte[] pixels() {
        return pixels;
    }

    /** One box for each finding of a frontal image. */
    List<FindingBox> boxes() {
        return boxes;
    }
}
