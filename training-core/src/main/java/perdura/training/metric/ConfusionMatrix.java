package perdura.training.metric;

import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** How often each class was taken for each. Macro scores are means over all classes, also those that never occur. */
public final class ConfusionMatrix {
    private final int classes;
    private final long[] truths;
    private final long[] guesses;
    private final long[] hits;
    private final long total;

    private ConfusionMatrix(int classes, int[] labels, int[] predictions) {
        this.classes = classes;
        this.truths = new long[classes];
        this.guesses = new long[classes];
        this.hits = new long[classes];
        this.total = labels.length;
        for (int i = 0; i < labels.length; i++) {
            truths[labels[i]]++;
            guesses[predictions[i]]++;
            hits[labels[i]] += labels[i] == predictions[i] ? 1 : 0;
        }
    }

    /**
     * Counts predictions.
     *
     * @param classes how many there are
     * @param labels the true classes, in [0, classes); at least one
     * @param predictions as many, in [0, classes)
     * @throws IllegalArgumentException if it is not so
     */
    public static ConfusionMatrix of(int classes, int[] labels, int[] predictions) {
        if (labels.length == 0 || labels.length != predictions.length) {
            throw new IllegalArgumentException("there must be a label for each of >= 1 predictions, were "
                    + labels.length + " for " + predictions.length);
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes || predictions[i] < 0 || predictions[i] >= classes) {
                throw new IllegalArgumentException("sample " + i + ": classes must be in [0, " + classes + "), were "
                        + labels[i] + " and " + predictions[i]);
            }
        }
        return new ConfusionMatrix(classes, labels, predictions);
    }

    /** Share of right answers; {@code sklearn.metrics.accuracy_score}. */
    public double accuracy() {
        return (double) IntStream.range(0, classes).mapToLong(c -> hits[c]).sum() / total;
    }

    /**
     * Cohen's kappa without weights; {@code sklearn.metrics.cohen_kappa_score}. Undefined if labels and predictions are all
     * of one and the same class: agreement by chance is whole then.
     */
    public MetricValue kappa() {
        double chance = 0;
        for (int c = 0; c < classes; c++) {
            if (truths[c] == total && guesses[c] == total) {
                return MetricValue.undefined("kappa needs two classes, all labels and predictions are class " + c);
            }
            chance += (double) truths[c] / total * guesses[c] / total;
        }
        return MetricValue.of((accuracy() - chance) / (1 - chance));
    }

    /** Share of a class among its predictions; 0 if it is never predicted. */
    public double precision(int c) {
        return ratio(hits[c], guesses[c]);
    }

    /** Share of a class that is found; 0 if it never occurs. */
    public double recall(int c) {
        return ratio(hits[c], truths[c]);
    }

    /** Harmonic mean of both; 0 if the class neither occurs nor is predicted. */
    public double f1(int c) {
        return ratio(2 * hits[c], truths[c] + guesses[c]);
    }

    /** Mean of the classes' precisions, 0 for a class that is never predicted. */
    public double macroPrecision() {
        return mean(this::precision);
    }

    /** Mean of the classes' recalls, 0 for a class that never occurs. */
    public double macroRecall() {
        return mean(this::recall);
    }

    /** Mean of the classes' F1, 0 for a class that neither occurs nor is predicted. */
    public double macroF1() {
        return mean(this::f1);
    }

    private double mean(IntToDoubleFunction ofClass) {
        return IntStream.range(0, classes).mapToDouble(ofClass).sum() / classes;
    }

    private static double ratio(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
