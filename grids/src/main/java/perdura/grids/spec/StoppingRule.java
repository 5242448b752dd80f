package perdura.grids.spec;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.SweepSpec.EarlyStoppingSpec;

/**
 * Early stopping as a function of recorded results: the same results and earlier decisions always give the same next
 * decision. Trials wait at rungs, numbers of epochs, until a decision lets them go on.
 */
public final class StoppingRule {
    private final EarlyStoppingSpec spec;
    private final Comparator<RungResult> bestFirst;
    private final ObjectiveSpec.Goal goal;

    public StoppingRule(EarlyStoppingSpec spec, ObjectiveSpec.Goal goal) {
        this.spec = spec;
        this.goal = goal;
        this.bestFirst = Comparator.comparingDouble((RungResult result) -> cost(result.best()))
                .thenComparingLong(RungResult::sequence);
    }

    /** Whether trials are ever held at all. */
    public boolean holds() {
        return !(spec instanceof EarlyStoppingSpec.None);
    }

    /** The epoch at whose end a trial waits at a rung, from 0; empty if it runs to its end. */
    public OptionalInt epochs(int rung) {
        if (spec instanceof EarlyStoppingSpec.Asha asha) {
            double epochs = asha.minEpochs() * Math.pow(asha.reduction(), rung);
            int most = asha.maxEpochs() == null ? Integer.MAX_VALUE : asha.maxEpochs();
            return epochs > most || epochs > Integer.MAX_VALUE - 1 ? OptionalInt.empty() : OptionalInt.of((int) epochs);
        }
        if (spec instanceof EarlyStoppingSpec.Median median) {
            return OptionalInt.of(median.minEpochs() + rung);
        }
        return OptionalInt.empty();
    }

    /** The next decision that the results allow; nothing if all must wait for more results. */
    public Optional<RungDecision> next(Collection<RungResult> results, Collection<RungDecision> earlier) {
        List<RungResult> open = open(results, earlier);
        if (spec instanceof EarlyStoppingSpec.Asha asha) {
            return promotion(asha, results, open);
        }
        if (spec instanceof EarlyStoppingSpec.Median median) {
            return open.stream()
                    .min(Comparator.comparingLong(RungResult::sequence))
                    .map(result -> judged(median, result, results));
        }
        return Optional.empty();
    }

    /**
     * The decision that lets the best waiting trial of the highest rung go on, however few others there are; for a sweep of which
     * nothing else can start, and that would end without a tested trial.
     */
    public Optional<RungDecision> best(Collection<RungResult> results, Collection<RungDecision> earlier) {
        return open(results, earlier).stream()
                .min(Comparator.comparingInt((RungResult result) -> -result.rung())
                        .thenComparing(bestFirst))
                .map(result -> new RungDecision(result.trialKey(), result.rung(), RungDecision.Kind.PROMOTE));
    }

    /** Results about which nothing is decided. */
    private static List<RungResult> open(Collection<RungResult> results, Collection<RungDecision> earlier) {
        Set<RungOf> decided = new HashSet<>();
        earlier.forEach(decision -> decided.add(new RungOf(decision.trialKey(), decision.rung())));
        return results.stream()
                .filter(result -> !decided.contains(new RungOf(result.trialKey(), result.rung())))
                .toList();
    }

    private record RungOf(String trialKey, int rung) {}

    /** The highest rung with a trial among its best 1/reduction that has not gone on yet. */
    private Optional<RungDecision> promotion(
            EarlyStoppingSpec.Asha asha, Collection<RungResult> results, List<RungResult> open) {
        Set<RungResult> waiting = new HashSet<>(open);
        int top = results.stream().mapToInt(RungResult::rung).max().orElse(-1);
        for (int rung = top; rung >= 0; rung--) {
            int current = rung;
            List<RungResult> ofRung = results.stream()
                    .filter(result -> result.rung() == current)
                    .sorted(bestFirst)
                    .toList();
            Optional<RungResult> promotable = ofRung.subList(0, ofRung.size() / asha.reduction()).stream()
                    .filter(waiting::contains)
                    .findFirst();
            if (promotable.isPresent()) {
                return promotable.map(
                        result -> new RungDecision(result.trialKey(), current, RungDecision.Kind.PROMOTE));
            }
        }
        return Optional.empty();
    }

    private RungDecision judged(EarlyStoppingSpec.Median rule, RungResult result, Collection<RungResult> results) {
        double[] others = results.stream()
                .filter(other ->
                        other.rung() == result.rung() && !other.trialKey().equals(result.trialKey()))
                .mapToDouble(other -> cost(other.mean()))
                .sorted()
                .toArray();
        boolean isWorse = others.length >= Math.max(1, rule.minTrials()) && cost(result.best()) > median(others);
        return new RungDecision(
                result.trialKey(), result.rung(), isWorse ? RungDecision.Kind.STOP : RungDecision.Kind.PROMOTE);
    }

    private static double median(double[] sorted) {
        int half = sorted.length / 2;
        if (sorted.length % 2 == 1 || sorted[half] == sorted[half - 1]) {
            return sorted[half];
        }
        return (sorted[half - 1] + sorted[half]) / 2;
    }

    /** Lower is better; what is no number is worst. */
    private double cost(@Nullable Double value) {
        if (value == null || value.isNaN()) {
            return Double.POSITIVE_INFINITY;
        }
        return goal == ObjectiveSpec.Goal.MIN ? value : -value;
    }

    /**
     * What a trial had reached at a rung, on validation data.
     *
     * @param rung from 0
     * @param best of the epochs so far; null if it is no number
     * @param mean over the epochs so far; null if it is no number
     * @param sequence results of a sweep in the order in which they were recorded
     */
    public record RungResult(
            String trialKey,
            int rung,
            @Nullable Double best,
            @Nullable Double mean,
            long sequence) {}

    /** What becomes of a trial that waits at a rung. */
    public record RungDecision(String trialKey, int rung, Kind kind) {
        /** Whether it goes on. */
        public enum Kind {
            /** It goes on to the next rung, or to its end. */
            PROMOTE,
            /** It has had its last epoch. */
            STOP
        }
    }
}
