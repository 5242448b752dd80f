package perdura.training.metric;

import java.util.Arrays;

/**
 * The scores of a binary question, sorted: what AUROC, average precision and the best threshold are read from. Equal scores
 * are one threshold.
 */
public final class RankedScores {
    private final double[] positives;
    private final double[] negatives;

    private RankedScores(double[] positives, double[] negatives) {
        this.positives = positives;
        this.negatives = negatives;
        Arrays.sort(positives);
        Arrays.sort(negatives);
    }

    /**
     * Sorts scores.
     *
     * @param scores any numbers, the higher the more likely positive; infinite ones are the ends
     * @param labels true for a positive sample; as many as scores
     * @throws IllegalArgumentException if there are none, the lengths differ, or a score is NaN
     */
    public static RankedScores of(double[] scores, boolean[] labels) {
        if (scores.length == 0 || scores.length != labels.length) {
            throw new IllegalArgumentException(
                    "there must be a label for each of >= 1 scores, were " + labels.length + " for " + scores.length);
        }
        int count = 0;
        for (boolean label : labels) {
            count += label ? 1 : 0;
        }
        double[] positives = new double[count];
        double[] negatives = new double[scores.length - count];
        int p = 0;
        int n = 0;
        for (int i = 0; i < scores.length; i++) {
            if (Double.isNaN(scores[i])) {
                throw new IllegalArgumentException("score " + i + " is NaN");
            }
            if (labels[i]) {
                positives[p++] = scores[i];
            } else {
                negatives[n++] = scores[i];
            }
        }
        return new RankedScores(positives, negatives);
    }

    /** A cut: samples with {@code score >= threshold} are called positive. */
    public record Threshold(double threshold, double f1) {}

    /**
     * Area under the ROC curve: the share of pairs of a positive and a negative sample in the right order, ties half; agrees
     * with {@code sklearn.metrics.roc_auc_score}. Undefined with one class alone.
     */
    public MetricValue auroc() {
        if (positives.length == 0 || negatives.length == 0) {
            return MetricValue.undefined("AUROC needs both classes, there are " + positives.length + " positive and "
                    + negatives.length + " negative samples");
        }
        long halves = 0; // twice the pairs in order, exact
        int below = 0;
        int notAbove = 0;
        for (double score : positives) {
            while (below < negatives.length && negatives[below] < score) {
                below++;
            }
            notAbove = Math.max(notAbove, below);
            while (notAbove < negatives.length && negatives[notAbove] == score) {
                notAbove++;
            }
            halves += below + notAbove;
        }
        return MetricValue.of(halves / (2.0 * positives.length * negatives.length));
    }

    /**
     * Average precision, AUPRC: the sum over thresholds of recall gained times precision; agrees with
     * {@code sklearn.metrics.average_precision_score}. Undefined without a positive sample, where scikit-learn warns and
     * says 0.
     */
    public MetricValue averagePrecision() {
        if (positives.length == 0) {
            return MetricValue.undefined(
                    "average precision needs a positive sample, all " + negatives.length + " are negative");
        }
        double sum = 0;
        Descent descent = new Descent();
        int before = 0;
        while (descent.next()) {
            sum += (double) (descent.truePositives - before) / positives.length * descent.precision();
            before = descent.truePositives;
        }
        return MetricValue.of(sum);
    }

    /**
     * The threshold with the greatest F1 among the scores; of equal ones the greatest threshold (sense.md 4.3). Its F1 is 0
     * without positive samples.
     */
    public Threshold bestThreshold() {
        Threshold best = new Threshold(Double.POSITIVE_INFINITY, -1);
        Descent descent = new Descent();
        while (descent.next()) {
            double f1 = descent.f1();
            if (f1 > best.f1) {
                best = new Threshold(descent.threshold, f1);
            }
        }
        return best;
    }

    /** Goes down the distinct scores and counts what lies at or above them. */
    private final class Descent {
        private int truePositives;
        private int falsePositives;
        private double threshold;

        boolean next() {
            int p = positives.length - 1 - truePositives;
            int n = negatives.length - 1 - falsePositives;
            if (p < 0 && n < 0) {
                return false;
            }
            threshold = p < 0 ? negatives[n] : n < 0 ? positives[p] : Math.max(positives[p], negatives[n]);
            while (p >= 0 && positives[p] == threshold) {
                p--;
            }
            while (n >= 0 && negatives[n] == threshold) {
                n--;
            }
            truePositives = positives.length - 1 - p;
            falsePositives = negatives.length - 1 - n;
            return true;
        }

        double precision() {
            return (double) truePositives / (truePositives + falsePositives);
        }

        double f1() {
            return new BinaryCounts(truePositives, falsePositives, positives.length - truePositives, 0).f1();
        }
    }
}
