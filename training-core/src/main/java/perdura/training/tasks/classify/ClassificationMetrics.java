package perdura.training.tasks.classify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import perdura.datasets.split.BinaryLabels;
import perdura.datasets.split.RowList;
import perdura.training.metric.BinaryCounts;
import perdura.training.metric.MetricValue;
import perdura.training.metric.RankedScores;
import perdura.training.tasks.fit.Evaluator.Evaluation;

/**
 * What a classifier's answers on a part of a split are worth.
 *
 * @param loss mean binary cross-entropy over all samples and labels
 * @param labels in the order of the classifier's outputs
 */
public record ClassificationMetrics(double loss, List<LabelScores> labels) implements Evaluation {
    public ClassificationMetrics {
        labels = List.copyOf(labels);
    }

    /**
     * How well one label is told.
     *
     * @param accuracy share of right answers, where a probability of at least 1/2 is a positive one
     * @param f1 of the same answers; 0 without true positives
     */
    public record LabelScores(
            String name, MetricValue auroc, MetricValue averagePrecision, double accuracy, double f1) {}

    /**
     * Measures answers.
     *
     * @param logits [labels][samples], finite
     * @param rows of the samples in the table of truths
     */
    static ClassificationMetrics of(double[][] logits, RowList rows, BinaryLabels truths) {
        List<LabelScores> scores = new ArrayList<>();
        double sum = 0;
        for (int label = 0; label < logits.length; label++) {
            boolean[] truth = new boolean[rows.size()];
            for (int i = 0; i < truth.length; i++) {
                truth[i] = truths.value(rows.at(i), label) == 1;
                sum += crossEntropy(logits[label][i], truth[i]);
            }
            RankedScores ranked = RankedScores.of(logits[label], truth);
            BinaryCounts counts = BinaryCounts.atLeast(logits[label], truth, 0);
            scores.add(new LabelScores(
                    truths.names().get(label),
                    ranked.auroc(),
                    ranked.averagePrecision(),
                    counts.accuracy(),
                    counts.f1()));
        }
        return new ClassificationMetrics(sum / ((double) rows.size() * logits.length), scores);
    }

    /** {@code torch.nn.functional.binary_cross_entropy_with_logits}, in double. */
    private static double crossEntropy(double logit, boolean truth) {
        return Math.max(logit, 0) - (truth ? logit : 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(logit)));
    }

    /** Mean over the labels that have an AUROC; empty if none has. */
    public OptionalDouble meanAuroc() {
        return mean(LabelScores::auroc);
    }

    /** Mean over the labels that have an average precision; empty if none has. */
    public OptionalDouble meanAveragePrecision() {
        return mean(LabelScores::averagePrecision);
    }

    private OptionalDouble mean(Function<LabelScores, MetricValue> metric) {
        return labels.stream()
                .map(metric)
                .flatMapToDouble(value -> value.find().stream())
                .average();
    }

    private double plainMean(ToDoubleFunction<LabelScores> metric) {
        return labels.stream().mapToDouble(metric).average().orElseThrow();
    }

    /** Why labels have no value, one sentence for each. */
    public List<String> undefined() {
        List<String> reasons = new ArrayList<>();
        for (LabelScores label : labels) {
            for (MetricValue value : List.of(label.auroc, label.averagePrecision)) {
                if (value.undefined() != null) {
                    reasons.add("label '" + label.name + "': " + value.undefined());
                }
            }
        }
        return reasons;
    }

    /**
     * As metrics by MLflow key: {@code loss}, {@code auroc}, {@code auprc}, {@code accuracy} and {@code f1}, means over the
     * labels; with several labels AUROC and AUPRC of each, too. What is undefined is left out, and {@code undefined} counts it.
     *
     * @param prefix of the keys, without the slash
     */
    @Override
    public Map<String, Double> metrics(String prefix) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put(prefix + "/loss", loss);
        meanAuroc().ifPresent(value -> metrics.put(prefix + "/auroc", value));
        meanAveragePrecision().ifPresent(value -> metrics.put(prefix + "/auprc", value));
        metrics.put(prefix + "/accuracy", plainMean(LabelScores::accuracy));
        metrics.put(prefix + "/f1", plainMean(LabelScores::f1));
        if (labels.size() > 1) {
            for (LabelScores label : labels) {
                label.auroc.find().ifPresent(value -> metrics.put(prefix + "/auroc/" + label.name, value));
                label.averagePrecision.find().ifPresent(value -> metrics.put(prefix + "/auprc/" + label.name, value));
            }
        }
        if (!undefined().isEmpty()) {
            metrics.put(prefix + "/undefined", (double) undefined().size());
        }
        return metrics;
    }
}
