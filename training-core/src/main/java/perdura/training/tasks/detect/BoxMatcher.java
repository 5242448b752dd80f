package perdura.training.tasks.detect;

import java.util.Arrays;

/**
 * Which truth a box stands for (prior.md 4.5); {@code torchvision.models.detection._utils.Matcher}.
 *
 * @param high the least IoU of a match
 * @param low below it a box is background; between both it is ignored
 */
record BoxMatcher(double high, double low, LowQuality lowQuality) {
    /** A box that no truth has enough of. */
    static final int BELOW = -1;

    /** A box that takes no part. */
    static final int BETWEEN = -2;

    /** What becomes of boxes that reach some truth's greatest IoU with less than {@code high}. */
    enum LowQuality {
        /** They keep their own best truth. */
        MATCHED,
        /** They are treated as all others. */
        NOT_MATCHED
    }

    /** @return of each box the number of its truth (the first one of equals), {@link #BELOW} or {@link #BETWEEN} */
    int[] match(double[] truths, double[] boxes) {
        int[] matches = new int[Boxes.count(boxes)];
        double[] greatest = new double[Boxes.count(truths)]; // of each truth over all boxes
        int[] best = new int[matches.length];
        for (int box = 0; box < matches.length; box++) {
            double value = truths.length == 0 ? -1 : Boxes.iou(truths, 0, boxes, box);
            if (truths.length > 0) {
                greatest[0] = Math.max(greatest[0], value);
            }
            for (int truth = 1; truth < greatest.length; truth++) {
                double other = Boxes.iou(truths, truth, boxes, box);
                greatest[truth] = Math.max(greatest[truth], other);
                if (other > value) {
                    value = other;
                    best[box] = truth;
                }
            }
            matches[box] = value < low ? BELOW : value < high ? BETWEEN : best[box];
        }
        if (lowQuality == LowQuality.MATCHED) {
            for (int box = 0; box < matches.length; box++) {
                if (matches[box] < 0 && reaches(truths, boxes, box, greatest)) {
                    matches[box] = best[box];
                }
            }
        }
        return matches;
    }

    private static boolean reaches(double[] truths, double[] boxes, int box, double[] greatest) {
        for (int truth = 0; truth < greatest.length; truth++) {
            if (Boxes.iou(truths, truth, boxes, box) == greatest[truth]) {
                return true;
            }
        }
        return false;
    }

    /**
     * The class of each box: that of its truth, 0 for background, -1 for one that takes no part.
     *
     * @param classes of the truths, from 1
     */
    static int[] labels(int[] matches, int[] classes) {
        return Arrays.stream(matches)
                .map(match -> match >= 0 ? classes[match] : match == BELOW ? 0 : -1)
                .toArray();
    }
}
