package perdura.training.metric;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What scores are worth that tell whether a finding is there without having been trained for it (sense.md 4.3). A score is the cosine with the text
 * that says so minus the cosine with the text that denies it: over 0 is a yes. Beside that rule stands a threshold that was chosen on other samples.
 */
public final class BinaryZeroShot {
    /** The keys of {@link #metrics}. */
    public static final List<String> METRICS =
            List.of("auroc", "auprc", "accuracy", "f1", "accuracy_at_threshold", "f1_at_threshold");

    private BinaryZeroShot() {}

    /**
     * The metrics of some samples; one that they can't tell is left out, and {@code undefined} counts those.
     *
     * @param scores at least one, not NaN
     * @param labels as many
     * @param threshold a score of at least that is a yes in the metrics {@code _at_threshold}; {@link RankedScores#bestThreshold} of the validation part
     * @throws IllegalArgumentException as {@link RankedScores#of}
     */
    public static Map<String, Double> metrics(double[] scores, boolean[] labels, double threshold) {
        RankedScores ranked = RankedScores.of(scores, labels);
        BinaryCounts atZero = BinaryCounts.above(scores, labels, 0);
        BinaryCounts atThreshold = BinaryCounts.atLeast(scores, labels, threshold);
        Map<String, Double> metrics = new LinkedHashMap<>();
        ranked.auroc().find().ifPresent(value -> metrics.put("auroc", value));
        ranked.averagePrecision().find().ifPresent(value -> metrics.put("auprc", value));
        metrics.put("accuracy", atZero.accuracy());
        metrics.put("f1", atZero.f1());
        metrics.put("accuracy_at_threshold", atThreshold.accuracy());
        metrics.put("f1_at_threshold", atThreshold.f1());
        if (metrics.size() < METRICS.size()) {
            metrics.put("undefined", (double) (METRICS.size() - metrics.size()));
        }
        return metrics;
    }
}
