package perdura.grids.spec;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private final ObjectiveSpec.Goal goal;

    public StoppingRule(EarlyStoppingSpec spec, ObjectiveSpec.Goal goal) {
        this.spec = spec;
        this.goal = goal;
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

    /** As {@link #next(Collection, Collection, Peers)}, where every trial is a point of its own. */
    public Optional<RungDecision> next(Collection<RungResult> results, Collection<RungDecision> earlier) {
        return next(results, earlier, Peers.NONE);
    }

    /**
     * The next decision that the results allow; nothing if all must wait for more results. Points compete, by the means over their
     * trials: one is judged when all of its trials have come to the rung, and these go on, or stop, together.
     */
    public Optional<RungDecision> next(Collection<RungResult> results, Collection<RungDecision> earlier, Peers peers) {
        List<RungResult> open = open(results, earlier).stream()
                .sorted(Comparator.comparingLong(RungResult::sequence))
                .toList();
        int top = results.stream().mapToInt(RungResult::rung).max().orElse(-1);
        for (int rung = top; rung >= 0; rung--) {
            Optional<RungDecision> decision = decide(rung, open, results, earlier, peers);
            if (decision.isPresent()) {
                return decision;
            }
        }
        return Optional.empty();
    }

    private Optional<RungDecision> decide(
            int rung,
            List<RungResult> open,
            Collection<RungResult> results,
            Collection<RungDecision> earlier,
            Peers peers) {
        List<RungResult> waiting =
                open.stream().filter(result -> result.rung() == rung).toList();
        List<PointAtRung> points = points(rung, results, peers);
        for (RungResult result : waiting) {
            Optional<RungDecision.Kind> ofItsPeers = earlier.stream()
                    .filter(decision ->
                            decision.rung() == rung && peers.of(result).contains(decision.trialKey()))
                    .map(RungDecision::kind)
                    .findFirst();
            if (ofItsPeers.isPresent()) {
                return Optional.of(new RungDecision(result.trialKey(), rung, ofItsPeers.get()));
            }
        }
        if (spec instanceof EarlyStoppingSpec.Asha asha) {
            return points.subList(0, points.size() / asha.reduction()).stream()
                    .flatMap(point -> waiting.stream().filter(point::has).findFirst().stream())
                    .findFirst()
                    .map(result -> new RungDecision(result.trialKey(), rung, RungDecision.Kind.PROMOTE));
        }
        if (spec instanceof EarlyStoppingSpec.Median median) {
            return waiting.stream()
                    .flatMap(result -> points.stream()
                            .filter(point -> point.has(result))
                            .map(point -> judged(median, result, point, points)))
                    .findFirst();
        }
        return Optional.empty();
    }

    /**
     * The decision that lets the best waiting trial of the highest rung go on, however few others there are; for a sweep of which
     * nothing else can start, and that would end without a tested trial.
     */
    public Optional<RungDecision> best(Collection<RungResult> results, Collection<RungDecision> earlier, Peers peers) {
        List<RungResult> open = open(results, earlier);
        int top = open.stream().mapToInt(RungResult::rung).max().orElse(-1);
        Comparator<RungResult> byPoint =
                Comparator.comparingInt((RungResult result) -> place(points(top, results, peers), result));
        return open.stream()
                .filter(result -> result.rung() == top)
                .min(byPoint.thenComparing((RungResult result) -> cost(result.best()))
                        .thenComparingLong(RungResult::sequence))
                .map(result -> new RungDecision(result.trialKey(), result.rung(), RungDecision.Kind.PROMOTE));
    }

    /** As {@link #best(Collection, Collection, Peers)}, where every trial is a point of its own. */
    public Optional<RungDecision> best(Collection<RungResult> results, Collection<RungDecision> earlier) {
        return best(results, earlier, Peers.NONE);
    }

    private static int place(List<PointAtRung> points, RungResult result) {
        for (int place = 0; place < points.size(); place++) {
            if (points.get(place).has(result)) {
                return place;
            }
        }
        return points.size();
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

    /**
     * A point of which no further trial comes to a rung.
     *
     * @param isPartial whether trials of it have ended before the rung, so that its mean is one over a part
     * @param bestCost mean over its trials, lower is better; and so {@code meanCost}
     */
    private record PointAtRung(
            Set<String> trialKeys, boolean isPartial, double bestCost, double meanCost, long sequence) {
        boolean has(RungResult result) {
            return trialKeys.contains(result.trialKey());
        }
    }

    /** The points that have come to a rung wholly, the best first; those that are there in part are behind all others. */
    private List<PointAtRung> points(int rung, Collection<RungResult> results, Peers peers) {
        Map<Set<String>, List<RungResult>> groups = new LinkedHashMap<>();
        results.stream()
                .filter(result -> result.rung() == rung)
                .forEach(result -> groups.computeIfAbsent(peers.of(result), point -> new ArrayList<>())
                        .add(result));
        List<PointAtRung> points = new ArrayList<>();
        groups.forEach((trialKeys, there) -> {
            Set<String> missing = new HashSet<>(trialKeys);
            there.forEach(result -> missing.remove(result.trialKey()));
            if (peers.ended().containsAll(missing)) {
                points.add(new PointAtRung(
                        trialKeys,
                        !missing.isEmpty(),
                        there.stream()
                                .mapToDouble(result -> cost(result.best()))
                                .average()
                                .orElseThrow(),
                        there.stream()
                                .mapToDouble(result -> cost(result.mean()))
                                .average()
                                .orElseThrow(),
                        there.stream().mapToLong(RungResult::sequence).max().orElseThrow()));
            }
        });
        points.sort(Comparator.comparing(PointAtRung::isPartial)
                .thenComparingDouble(PointAtRung::bestCost)
                .thenComparingLong(PointAtRung::sequence));
        return points;
    }

    private static RungDecision judged(
            EarlyStoppingSpec.Median rule, RungResult result, PointAtRung own, List<PointAtRung> points) {
        double[] others = points.stream()
                .filter(other -> !other.equals(own))
                .mapToDouble(PointAtRung::meanCost)
                .sorted()
                .toArray();
        boolean isWorse = others.length >= Math.max(1, rule.minTrials()) && own.bestCost() > median(others);
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
     * Trials that repeat one point, with other seeds or other values of what their task calls replicates.
     *
     * @param byTrial the keys of all trials of its point, its own among them, by the key of a trial; one that is not there is alone
     * @param ended keys of trials that come to no further rung
     */
    public record Peers(Map<String, Set<String>> byTrial, Set<String> ended) {
        static final Peers NONE = new Peers(Map.of(), Set.of());

        Set<String> of(RungResult result) {
            return byTrial.getOrDefault(result.trialKey(), Set.of(result.trialKey()));
        }
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
