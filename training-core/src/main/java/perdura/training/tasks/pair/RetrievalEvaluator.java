package perdura.training.tasks.pair;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import perdura.training.metric.PrecisionAtK;

/** Image-to-text retrieval (prior.md 4.3): the texts are reports, and those of the image's class are the right ones. */
public final class RetrievalEvaluator implements ImageEvaluator {
    private static final int[] KS = {1, 2, 5, 10, 100};

    /** Precision at 1, 2, 5, 10 and 100. */
    public static final List<String> METRICS =
            Arrays.stream(KS).mapToObj(RetrievalEvaluator::name).toList();

    private final Map<String, ScoreRule> rules;
    private final List<String> classes;
    private final int[] candidates;
    private final int[] ks;
    private final double logScale;

    /**
     * @param classes their names
     * @param candidates class of each report, in the order of the texts
     * @param logScale l_g of the model
     */
    public RetrievalEvaluator(ScoreRule rule, List<String> classes, int[] candidates, double logScale) {
        this.rules = JudgedRules.around(rule);
        this.classes = List.copyOf(classes);
        this.candidates = candidates.clone();
        this.ks = Arrays.stream(KS).filter(k -> k <= candidates.length).toArray();
        this.logScale = logScale;
    }

    private static String name(int k) {
        return "precision_at_" + k;
    }

    /** For each rule and K the reports of the image's class among the K best. */
    @Override
    public int width() {
        return rules.size() * ks.length;
    }

    @Override
    public long[] judge(double[] cosines, double[] local, int finding) {
        return rules.values().stream()
                .map(rule -> rule.combine(cosines, local, logScale))
                .flatMapToLong(scores -> Arrays.stream(PrecisionAtK.hits(scores, finding, candidates, ks)))
                .toArray();
    }

    /** Means over the images; by the rule that was asked for also over those of each class. A K that exceeds the number of reports has no value. */
    @Override
    public Map<String, Double> metrics(String prefix, int[] findings, List<long[]> kept) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        int place = 0;
        for (String suffix : rules.keySet()) {
            for (int k : ks) {
                String key = prefix + "/" + name(k) + suffix;
                int at = place++;
                metrics.put(key, mean(IntStream.range(0, findings.length), kept, at, k));
                for (int i = 0; suffix.isEmpty() && i < classes.size(); i++) {
                    int finding = i;
                    IntStream own = IntStream.range(0, findings.length).filter(image -> findings[image] == finding);
                    metrics.put(key + "/" + classes.get(i), mean(own, kept, at, k));
                }
            }
        }
        if (ks.length < KS.length) {
            metrics.put(prefix + "/undefined", (double) (KS.length - ks.length));
        }
        return metrics;
    }

    private static double mean(IntStream images, List<long[]> kept, int at, int k) {
        return images.mapToDouble(image -> (double) kept.get(image)[at] / k)
                .average()
                .orElseThrow();
    }
}
