package perdura.experiments.compare;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ObjectiveSpec.Goal;
import perdura.grids.spec.TrialState;

/**
 * Points beside each other.
 *
 * @param points best first; those without a value at the end, in the order of the sweep
 * @param replicates paths of the parameters that repeat a trial, as its seed does, and that differ
 */
public record Comparison(
        Objective objective, List<ComparedPoint> points, Differences parameters, List<String> replicates) {
    public Comparison {
        points = List.copyOf(points);
        replicates = List.copyOf(replicates);
    }

    /**
     * Groups trials by everything but the seed and the replicates, summarises each group, and ranks the groups by the objective's mean; a mean over a part of a group's trials is behind all others. Equal means:
     * more trials first, then the order of the sweep.
     *
     * @param keys metrics to summarise
     * @param axes paths that come first among those that differ, in this order
     * @param replicates paths of the parameters whose values repeat a trial; one with the same value everywhere stays a parameter
     */
    public static Comparison of(
            List<ComparedTrial> trials,
            Objective objective,
            Collection<String> keys,
            List<String> axes,
            Collection<String> replicates) {
        List<ComparedTrial> ordered = trials.stream()
                .sorted(Comparator.comparingLong(ComparedTrial::ordinal))
                .toList();
        List<String> differing =
                Differences.of(ordered.stream().map(ComparedTrial::parameters).toList(), axes).differing().stream()
                        .filter(replicates::contains)
                        .toList();
        Map<Map<String, String>, List<ComparedTrial>> groups = new LinkedHashMap<>();
        ordered.forEach(trial -> {
            Map<String, String> own = new LinkedHashMap<>(trial.parameters());
            own.keySet().removeAll(differing);
            groups.computeIfAbsent(own, p -> new ArrayList<>()).add(trial);
        });
        Set<String> all = replicates(ordered, differing);
        List<ComparedPoint> points = new ArrayList<>();
        for (Map.Entry<Map<String, String>, List<ComparedTrial>> group : groups.entrySet()) {
            Set<String> lacking = new LinkedHashSet<>(all);
            lacking.removeAll(replicates(
                    group.getValue().stream()
                            .filter(trial -> trial.state() == TrialState.FINISHED)
                            .toList(),
                    differing));
            points.add(point(points.size() + 1, objective, group.getKey(), group.getValue(), keys, lacking));
        }
        return new Comparison(objective, ranked(points, objective), Differences.of(groups.keySet(), axes), differing);
    }

    private static Set<String> replicates(List<ComparedTrial> trials, List<String> paths) {
        Set<String> texts = new LinkedHashSet<>();
        trials.stream()
                .map(trial -> replicate(trial, paths))
                .filter(text -> !text.isEmpty())
                .forEach(texts::add);
        return texts;
    }

    private static String replicate(ComparedTrial trial, List<String> paths) {
        return paths.stream()
                .map(path -> path + " " + trial.parameters().getOrDefault(path, "-"))
                .collect(Collectors.joining(", "));
    }

    /** Which repetition of its point a trial is: {@code 114514}, its seed, or {@code 114514, fold 3}. */
    public String replicate(ComparedTrial trial) {
        String others = replicate(trial, replicates);
        return trial.seed() + (others.isEmpty() ? "" : ", " + others);
    }

    /** What the means are over: {@code seeds}, {@code fold}, {@code seed and fold}. */
    public String over() {
        boolean hasSeeds = trials().stream().map(ComparedTrial::seed).distinct().count() > 1;
        List<String> axes = new ArrayList<>(replicates);
        if (replicates.isEmpty()) {
            axes.add("seeds");
        } else if (hasSeeds) {
            axes.add(0, "seed");
        }
        return String.join(" and ", axes);
    }

    /** A run that stands for itself, whatever has become of it. */
    public static ComparedPoint ofRun(ComparedTrial run, Collection<String> keys) {
        Map<String, Summary> metrics = new LinkedHashMap<>();
        keys.stream()
                .filter(run.metrics()::containsKey)
                .forEach(key -> metrics.put(
                        key, summary(key, List.of(run), trial -> trial.metrics().get(key))));
        return new ComparedPoint(
                1, null, run.parameters(), false, Summary.of(List.of()), metrics, List.of(run), List.of());
    }

    private static ComparedPoint point(
            int number,
            Objective objective,
            Map<String, String> parameters,
            List<ComparedTrial> trials,
            Collection<String> keys,
            Collection<String> lacking) {
        boolean provisional = trials.stream().noneMatch(trial -> trial.state() == TrialState.FINISHED);
        List<ComparedTrial> counting = trials.stream()
                .filter(trial -> provisional ? trial.state().isOnItsWay() : trial.state() == TrialState.FINISHED)
                .toList();
        Map<String, Summary> metrics = new LinkedHashMap<>();
        keys.forEach(key ->
                metrics.put(key, summary(key, counting, trial -> trial.metrics().get(key))));
        return new ComparedPoint(
                number,
                null,
                parameters,
                provisional,
                summary(objective.metric(), counting, ComparedTrial::objective),
                metrics,
                trials,
                List.copyOf(lacking));
    }

    static Summary summary(String key, List<ComparedTrial> trials, Function<ComparedTrial, @Nullable Double> value) {
        Summary summary =
                Summary.of(trials.stream().<@Nullable Double>map(value).toList());
        return ParameterEffect.isShare(key) ? summary.ofShare() : summary;
    }

    private static List<ComparedPoint> ranked(List<ComparedPoint> points, Objective objective) {
        Comparator<ComparedPoint> order = Comparator.comparing(ComparedPoint::isPartial)
                .thenComparing(
                        (ComparedPoint point) ->
                                Objects.requireNonNull(point.objective().mean()),
                        objective.order())
                .thenComparing(point -> -point.objective().n())
                .thenComparing(ComparedPoint::number);
        List<ComparedPoint> ranked = new ArrayList<>();
        points.stream()
                .filter(point -> point.objective().mean() != null)
                .sorted(order)
                .forEach(point -> ranked.add(point.withRank(ranked.size() + 1)));
        points.stream().filter(point -> point.objective().mean() == null).forEach(ranked::add);
        return ranked;
    }

    /** All trials, point by point. */
    public List<ComparedTrial> trials() {
        return points.stream().flatMap(point -> point.trials().stream()).toList();
    }

    /** How many trials are in each state. */
    public Map<TrialState, Integer> counts() {
        return ComparedPoint.counts(trials());
    }

    /**
     * What trials are ranked by, always on validation data.
     *
     * @param metric without a prefix, for instance {@code auroc}
     * @param report metrics on test data that are shown beside it, without a prefix
     */
    public record Objective(String metric, Goal goal, List<String> report) {
        public Objective {
            report = List.copyOf(report);
        }

        /** The metric of the curve: measured after each epoch. */
        public String curveKey() {
            return "validation/" + metric;
        }

        /** The metric of a finished trial: the validation value of its best epoch. */
        public String bestKey() {
            return "best/validation/" + metric;
        }

        /** Keys of the reported metrics. */
        public List<String> testKeys() {
            return report.stream().map(name -> "test/" + name).toList();
        }

        /** Better values first. */
        Comparator<Double> order() {
            Comparator<Double> ascending = Comparator.naturalOrder();
            return goal == Goal.MAX ? ascending.reversed() : ascending;
        }
    }

    /**
     * Which parameters differ.
     *
     * @param differing paths of those that are not the same everywhere; one that is missing somewhere differs
     * @param shared the others, by path
     */
    public record Differences(List<String> differing, Map<String, String> shared) {
        public Differences {
            differing = List.copyOf(differing);
        }

        /** @param first paths that come first among those that differ, in this order */
        public static Differences of(Collection<Map<String, String>> parameters, List<String> first) {
            Set<String> paths = new LinkedHashSet<>(first);
            parameters.forEach(some -> paths.addAll(some.keySet()));
            List<String> differing = paths.stream()
                    .filter(path -> parameters.stream()
                                    .map(some -> some.get(path))
                                    .distinct()
                                    .count()
                            > 1)
                    .toList();
            Map<String, String> shared = new LinkedHashMap<>();
            parameters.stream().findFirst().ifPresent(shared::putAll);
            differing.forEach(shared::remove);
            return new Differences(differing, shared);
        }

        /** The last word of a path, {@code weightDecay} of {@code optimizer.weightDecay}, if no other that differs ends so. */
        public String shortName(String path) {
            String last = last(path);
            return differing.stream().filter(other -> last(other).equals(last)).count() > 1 ? path : last;
        }

        private static String last(String path) {
            return path.substring(path.lastIndexOf('.') + 1);
        }
    }
}
