package perdura.training.tasks.detect;

import java.util.Arrays;

/**
 * Draws the boxes that a loss is made of (prior.md 4.5, "Sampling").
 *
 * @param count of an image
 * @param positive greatest share of boxes that stand for a truth
 */
record BalancedSampler(int count, double positive) {
    /**
     * The drawn boxes, ascending.
     *
     * @param labels class of each box, 0 for background, -1 for one that takes no part
     * @param order in which boxes are visited; numbers that no box has are passed over
     */
    int[] sample(int[] labels, int[] order) {
        int mostPositives = (int) (count * positive);
        int positives = 0;
        for (int box : order) {
            if (box < labels.length && labels[box] >= 1 && positives < mostPositives) {
                positives++;
            }
        }
        int[] drawn = new int[count];
        int size = 0;
        int left = positives;
        int negatives = count - positives;
        for (int box : order) {
            if (box >= labels.length || labels[box] < 0) {
                continue;
            }
            if (labels[box] == 0 ? negatives-- > 0 : left-- > 0) {
                drawn[size++] = box;
            }
        }
        int[] ascending = Arrays.copyOf(drawn, size);
        Arrays.sort(ascending);
        return ascending;
    }
}
