package perdura.training.tasks.detect;

/**
 * What is to be found in an image.
 *
 * @param boxes as in {@link Boxes}, each with an area
 * @param classes of the boxes, from 1
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Truth(double[] boxes, int[] classes) {
    Truth {
        if (boxes.length != 4 * classes.length) {
            throw new IllegalArgumentException(
                    "there must be four numbers of each of " + classes.length + " boxes, were " + boxes.length);
        }
    }
}
