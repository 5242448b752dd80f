package perdura.training.methods.prior.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.SpbSpec.LossMean;

/** A batch's figures while its chunks are gone through. */
final class ChunkFigures {
    private final FigureMeans means;
    private final LossTerms terms;
    private final Map<String, Double> sums = new LinkedHashMap<>();
    private @Nullable PrototypeCounts counts;
    private @Nullable PrototypeCounts queryCounts;

    ChunkFigures(FigureMeans means, LossTerms terms) {
        this.means = means;
        this.terms = terms;
    }

    /** Adds what is of the whole batch already. */
    void addWhole(Map<String, Double> figures) {
        sums.putAll(figures);
    }

    /** Adds a chunk's figures by its shares. */
    void add(BatchCut.Chunk chunk, Map<String, Double> figures) {
        figures.forEach((figure, value) -> {
            double share = means.of(figure) == LossMean.SENTENCES ? chunk.ofSentences() : chunk.ofReports();
            sums.merge(figure, share * value, Double::sum);
        });
    }

    void addUsage(@Nullable PrototypeCounts chunk, @Nullable PrototypeCounts queries) {
        counts = joined(counts, chunk);
        queryCounts = joined(queryCounts, queries);
    }

    private static @Nullable PrototypeCounts joined(@Nullable PrototypeCounts all, @Nullable PrototypeCounts some) {
        if (all == null || some == null) {
            return some;
        }
        all.add(some);
        return all;
    }

    /** The weighted sum of the losses. */
    double total() {
        double total = 0;
        for (String term : terms.weights().keySet()) {
            total += terms.weight(term) * sum("loss_" + term);
        }
        return total;
    }

    /** @param names which, in the order wanted */
    Map<String, Double> figures(List<String> names) {
        Map<String, Double> figures = new LinkedHashMap<>();
        for (String name : names) {
            figures.put(
                    name,
                    name.equals(FigureMeans.PROTO_RELATIVE)
                            ? sum(FigureMeans.PROTO_ERROR) / sum(FigureMeans.PROTO_SIZE)
                            : sum(name));
        }
        return figures;
    }

    private double sum(String name) {
        Double sum = sums.get(name);
        if (sum == null) {
            throw new IllegalStateException("no chunk gives " + name);
        }
        return sum;
    }

    @Nullable
    PrototypeCounts counts() {
        return counts;
    }

    @Nullable
    PrototypeCounts queryCounts() {
        return queryCounts;
    }
}
