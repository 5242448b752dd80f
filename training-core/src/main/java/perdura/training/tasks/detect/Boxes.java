package perdura.training.tasks.detect;

/**
 * Boxes as four numbers in a row of an array: x0, y0, x1, y1 in pixels of the network's input. A box's number counts rows.
 */
final class Boxes {
    private Boxes() {}

    static int count(double[] boxes) {
        return boxes.length / 4;
    }

    static double area(double[] boxes, int box) {
        int at = 4 * box;
        return (boxes[at + 2] - boxes[at]) * (boxes[at + 3] - boxes[at + 1]);
    }

    /** Intersection over union, without pixels added; {@code torchvision.ops.box_iou}. NaN of two boxes without area. */
    static double iou(double[] a, int first, double[] b, int second) {
        double shared = intersection(a, first, b, second);
        return shared / (area(a, first) + area(b, second) - shared);
    }

    private static double intersection(double[] a, int first, double[] b, int second) {
        int i = 4 * first;
        int j = 4 * second;
        double width = Math.min(a[i + 2], b[j + 2]) - Math.max(a[i], b[j]);
        double height = Math.min(a[i + 3], b[j + 3]) - Math.max(a[i + 1], b[j + 1]);
        return width > 0 && height > 0 ? width * height : 0;
    }

    /** Whether two boxes share more than {@code threshold} of their union; asks for the areas only where they touch. */
    static boolean overlapMore(double[] boxes, int first, int second, double threshold) {
        double shared = intersection(boxes, first, boxes, second);
        return shared > 0 && shared / (area(boxes, first) + area(boxes, second) - shared) > threshold;
    }

    /** Moves the corners into the image; {@code torchvision.ops.clip_boxes_to_image}. */
    static void clip(double[] boxes, int box, int height, int width) {
        int at = 4 * box;
        for (int i = 0; i < 4; i++) {
            boxes[at + i] = Math.min(Math.max(boxes[at + i], 0), i % 2 == 0 ? width : height);
        }
    }

    /** Whether both sides are at least {@code least}; not where a corner isn't a number. */
    static boolean isAtLeast(double[] boxes, int box, double least) {
        int at = 4 * box;
        return boxes[at + 2] - boxes[at] >= least && boxes[at + 3] - boxes[at + 1] >= least;
    }

    /** Copies the chosen boxes, in the order chosen. */
    static double[] pick(double[] boxes, int[] chosen) {
        double[] picked = new double[4 * chosen.length];
        for (int i = 0; i < chosen.length; i++) {
            System.arraycopy(boxes, 4 * chosen[i], picked, 4 * i, 4);
        }
        return picked;
    }
}
