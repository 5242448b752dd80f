package perdura.training.tasks.detect;

/**
 * What was found in an image, best first.
 *
 * @param boxes as in {@link Boxes}
 * @param scores of the boxes, in (0, 1]
 * @param classes of the boxes, from 1
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Detections(double[] boxes, double[] scores, int[] classes) {
    static final Detections NONE = new Detections(new double[0], new double[0], new int[0]);

    int count() {
        return scores.length;
    }
}
