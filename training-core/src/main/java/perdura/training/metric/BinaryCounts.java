package perdura.training.metric;

/** The four cells of a binary question. */
public record BinaryCounts(long truePositives, long falsePositives, long falseNegatives, long trueNegatives) {
    /**
     * Counts predictions.
     *
     * @throws IllegalArgumentException if there are none or the lengths differ
     */
    public static BinaryCounts of(boolean[] predicted, boolean[] labels) {
        if (predicted.length == 0 || predicted.length != labels.length) {
            throw new IllegalArgumentException("there must be a label for each of >= 1 predictions, were "
                    + labels.length + " for " + predicted.length);
        }
        long[] cells = new long[4];
        for (int i = 0; i < predicted.length; i++) {
            cells[(predicted[i] ? 2 : 0) + (labels[i] ? 1 : 0)]++;
        }
        return new BinaryCounts(cells[3], cells[2], cells[1], cells[0]);
    }

    /** Counts scores, where {@code score >= threshold} is a positive answer: 0.5 for probabilities, 0 for logits. */
    public static BinaryCounts atLeast(double[] scores, boolean[] labels, double threshold) {
        boolean[] predicted = new boolean[scores.length];
        for (int i = 0; i < scores.length; i++) {
            predicted[i] = scores[i] >= threshold;
        }
        return of(predicted, labels);
    }

    /** Counts scores, where {@code score > threshold} is a positive answer (sense.md 4.3). */
    public static BinaryCounts above(double[] scores, boolean[] labels, double threshold) {
        boolean[] predicted = new boolean[scores.length];
        for (int i = 0; i < scores.length; i++) {
            predicted[i] = scores[i] > threshold;
        }
        return of(predicted, labels);
    }

    /** Share of right answers; {@code sklearn.metrics.accuracy_score}. */
    public double accuracy() {
        return (double) (truePositives + trueNegatives)
                / (truePositives + falsePositives + falseNegatives + trueNegatives);
    }

    /** 2 TP / (2 TP + FP + FN), 0 without true positives; {@code sklearn.metrics.f1_score}, zero_division 0. */
    public double f1() {
        return truePositives == 0 ? 0 : 2.0 * truePositives / (2.0 * truePositives + falsePositives + falseNegatives);
    }
}
