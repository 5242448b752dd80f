package perdura.training.tasks.detect;

import java.util.Arrays;

/** Non-maximum suppression (prior.md 4.5); {@code torchvision.ops.nms}. */
final class Suppression {
    private Suppression() {}

    /**
     * Of boxes of one group those that share no more than {@code threshold} (IoU) with a better one that stays.
     *
     * @param order the boxes that take part, best first
     * @param most how many are wanted; the search ends with them
     * @return the boxes that stay, best first
     */
    static int[] keep(double[] boxes, int[] order, double threshold, int most) {
        int[] kept = new int[Math.min(order.length, most)];
        int size = 0;
        for (int i = 0; i < order.length && size < kept.length; i++) {
            int box = order[i];
            int at = 0;
            while (at < size && !Boxes.overlapMore(boxes, kept[at], box, threshold)) {
                at++;
            }
            if (at == size) {
                kept[size++] = box;
            }
        }
        return Arrays.copyOf(kept, size);
    }
}
