package perdura.training.tasks.pair;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.training.metric.ConfusionMatrix;

/** Zero-shot classification (prior.md 4.3): the texts are the prompts of the classes; the greatest score is the answer. */
public final class ZeroShotEvaluator implements ImageEvaluator {
    /** What {@link #metrics} tells in any case. */
    public static final List<String> METRICS = List.of("accuracy", "precision", "recall", "f1", "kappa");

    private final Map<String, ScoreRule> rules;
    private final List<String> classes;
    private final double logScale;

    /**
     * @param classes their names, in the order of the prompts
     * @param logScale l_g of the model
     */
    public ZeroShotEvaluator(ScoreRule rule, List<String> classes, double logScale) {
        this.rules = JudgedRules.around(rule);
        this.classes = List.copyOf(classes);
        this.logScale = logScale;
    }

    /** One answer by each rule. */
    @Override
    public int width() {
        return rules.size();
    }

    @Override
    public long[] judge(double[] cosines, double[] local, int finding) {
        return rules.values().stream()
                .mapToLong(rule -> ScoreRule.best(rule.combine(cosines, local, logScale)))
                .toArray();
    }

    /**
     * Accuracy, macro precision, recall and F1, and Cohen's kappa; by the rule that
     * was asked for also precision, recall and F1 of each class. Kappa is left
     * out where it has no value, and {@code undefined} counts it.
     */
    @Override
    public Map<String, Double> metrics(String prefix, int[] findings, List<long[]> kept) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        int place = 0;
        for (String suffix : rules.keySet()) {
            int rule = place++;
            int[] answers =
                    kept.stream().mapToInt(numbers -> (int) numbers[rule]).toArray();
            ConfusionMatrix matrix = ConfusionMatrix.of(classes.size(), findings, answers);
            metrics.put(prefix + "/accuracy" + suffix, matrix.accuracy());
            metrics.put(prefix + "/precision" + suffix, matrix.macroPrecision());
            metrics.put(prefix + "/recall" + suffix, matrix.macroRecall());
            metrics.put(prefix + "/f1" + suffix, matrix.macroF1());
            matrix.kappa()
                    .find()
                    .ifPresentOrElse(
                            kappa -> metrics.put(prefix + "/kappa" + suffix, kappa),
                            () -> metrics.put(prefix + "/undefined" + suffix, 1.0));
            if (rule == 0) {
                putClasses(prefix, matrix, metrics);
            }
        }
        return metrics;
    }

    private void putClasses(String prefix, ConfusionMatrix matrix, Map<String, Double> metrics) {
        for (int i = 0; i < classes.size(); i++) {
            metrics.put(prefix + "/precision/" + classes.get(i), matrix.precision(i));
            metrics.put(prefix + "/recall/" + classes.get(i), matrix.recall(i));
            metrics.put(prefix + "/f1/" + classes.get(i), matrix.f1(i));
        }
    }
}
