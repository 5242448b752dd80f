package perdura.training.methods.prior;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.training.methods.prior.model.PrototypeCounts;
import perdura.training.methods.prior.model.StageForward;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.methods.prior.spec.StageSpec.Module;

/** The metrics of a pre-training by their keys (prior.md 2.7 to 2.9): each term before weighting, and how the bank is used. */
final class StageMetrics {
    private StageMetrics() {}

    /** A step's losses and figures. */
    static Map<String, Double> ofStep(StageForward.Result result) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("train/loss", result.total().item());
        result.figures().forEach((figure, value) -> metrics.put("train/" + figure, value));
        putUsage(metrics, "train/prototype", result.counts());
        putUsage(metrics, "train/query", result.queryCounts());
        return metrics;
    }

    /** What an epoch adds at its last step. */
    static Map<String, Double> ofEpoch(StageSpec stage, EpochTotals totals) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        Map<String, Double> means = totals.means();
        if (stage.lossWeights().global() > 0) {
            metrics.put("epoch/" + EpochTotals.GLOBAL, means.getOrDefault(EpochTotals.GLOBAL, 0.0));
        }
        if (stage.has(Module.SPB)) {
            metrics.put("epoch/" + EpochTotals.WEIGHT, means.getOrDefault(EpochTotals.WEIGHT, 0.0));
            putUsage(metrics, "epoch/prototype", totals.usage());
        }
        return metrics;
    }

    static void putUsage(Map<String, Double> metrics, String prefix, @Nullable PrototypeCounts usage) {
        if (usage != null) {
            metrics.put(prefix + "_used", (double) usage.used());
            metrics.put(prefix + "_entropy", usage.entropy());
            metrics.put(prefix + "_perplexity", usage.perplexity());
        }
    }
}
