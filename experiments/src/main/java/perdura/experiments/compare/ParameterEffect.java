package perdura.experiments.compare;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.TrialState;

/**
 * What one parameter of a sweep does: for each of its values, metrics over what repeats a trial: its seed, and the parameters that its task
 * declares as replicates, such as a fold or the seed of a pre-training.
 *
 * @param path of the parameter
 * @param fixed the values that other parameters were held at, by path
 * @param metrics keys
 * @param levels by value if all are numbers, else in the order of the sweep
 */
public record ParameterEffect(String path, Map<String, String> fixed, List<String> metrics, List<Level> levels) {
    private static final double SAME_RATIO = 1e-6;
    private static final Set<String> SHARES =
            Set.of("auroc", "auprc", "accuracy", "f1", "precision", "recall", "map", "ap50", "ap75");

    public ParameterEffect {
        fixed = Collections.unmodifiableMap(new LinkedHashMap<>(fixed));
        metrics = List.copyOf(metrics);
        levels = List.copyOf(levels);
    }

    /**
     * A value of the parameter.
     *
     * @param number the value, if it is one
     * @param trials that have it
     * @param metrics over the finished ones, by key
     */
    public record Level(String value, @Nullable Double number, int trials, Map<String, Summary> metrics) {
        public Level {
            metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
        }
    }

    /**
     * The effect of the one parameter that differs and is no replicate; none if two do, or if no trial has finished. A value without a finished trial is a level without numbers.
     */
    public static List<ParameterEffect> alone(Comparison comparison) {
        List<String> differing = comparison.parameters().differing();
        boolean isMeasured = comparison.trials().stream().anyMatch(trial -> trial.state() == TrialState.FINISHED);
        return differing.size() == 1 && isMeasured
                ? List.of(find(
                        comparison,
                        differing.get(0),
                        Map.of(),
                        comparison.objective().testKeys()))
                : List.of();
    }

    /**
     * The effect of one parameter.
     *
     * @param path null for the one that differs
     * @param where values of other parameters, by path; one that all points share may be among them
     * @param metrics keys
     * @throws PerduraException INVALID_SPEC if the parameter does not differ, or others do that {@code where} leaves open,
     *     or if no finished trial has one of the metrics
     */
    public static ParameterEffect of(
            Comparison comparison, @Nullable String path, Map<String, String> where, Collection<String> metrics) {
        ParameterEffect effect = find(comparison, path, where, metrics);
        requireMeasured(metrics, measured(points(comparison, where)));
        return effect;
    }

    private static ParameterEffect find(
            Comparison comparison, @Nullable String path, Map<String, String> where, Collection<String> metrics) {
        List<String> differing = comparison.parameters().differing();
        Set<String> known = comparison.points().stream()
                .flatMap(point -> point.parameters().keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new));
        List<String> asked = where.keySet().stream()
                .filter(each -> !known.contains(each))
                .collect(Collectors.toCollection(ArrayList::new));
        if (path != null) {
            asked.add(path);
        }
        for (String each : asked) {
            if (!differing.contains(each)) {
                throw invalid(each + " does not vary in the sweep" + Nearest.suggestion(each, differing)
                        + "; what varies: " + String.join(", ", differing));
            }
        }
        List<ComparedPoint> points = points(comparison, where);
        if (points.isEmpty()) {
            throw invalid("no point of the sweep has " + where + "; it has "
                    + where.keySet().stream()
                            .map(each -> each + "=" + String.join(", ", values(comparison.points(), each)))
                            .collect(Collectors.joining("; ")));
        }
        List<String> open = differing.stream()
                .filter(each -> values(points, each).size() > 1)
                .toList();
        String own = path == null && open.size() == 1 ? open.get(0) : path;
        if (own == null) {
            throw invalid("name the parameter: what varies is " + String.join(", ", open));
        }
        for (String other : open) {
            if (!other.equals(own)) {
                throw invalid(other + " varies beside " + own + "; hold it at one of "
                        + String.join(", ", values(points, other)));
            }
        }
        return new ParameterEffect(own, where, List.copyOf(metrics), levels(points, own, metrics));
    }

    /** Those with the values of {@code where}, in the order of the sweep. */
    private static List<ComparedPoint> points(Comparison comparison, Map<String, String> where) {
        return comparison.points().stream()
                .filter(point -> where.entrySet().stream()
                        .allMatch(held ->
                                held.getValue().equals(point.parameters().get(held.getKey()))))
                .sorted(Comparator.comparingInt(ComparedPoint::number))
                .toList();
    }

    /** Metrics of the finished trials. */
    private static Set<String> measured(List<ComparedPoint> points) {
        Set<String> measured = new TreeSet<>();
        points.stream()
                .flatMap(point -> point.trials().stream())
                .filter(trial -> trial.state() == TrialState.FINISHED)
                .forEach(trial -> measured.addAll(trial.metrics().keySet()));
        return measured;
    }

    private static void requireMeasured(Collection<String> metrics, Set<String> measured) {
        if (measured.isEmpty()) {
            throw invalid("none of these trials has finished with a metric, so there is nothing to show");
        }
        for (String metric : metrics) {
            if (!measured.contains(metric)) {
                throw invalid("no finished trial has the metric " + metric + Nearest.suggestion(metric, measured));
            }
        }
    }

    private static List<String> values(List<ComparedPoint> points, String path) {
        return points.stream().map(point -> value(point, path)).distinct().toList();
    }

    private static String value(ComparedPoint point, String path) {
        return point.parameters().getOrDefault(path, "-");
    }

    private static List<Level> levels(List<ComparedPoint> points, String path, Collection<String> metrics) {
        Map<String, List<ComparedTrial>> trials = new LinkedHashMap<>();
        points.forEach(point -> trials.computeIfAbsent(value(point, path), value -> new ArrayList<>())
                .addAll(point.trials()));
        List<Level> levels = new ArrayList<>();
        trials.forEach((value, own) -> {
            List<ComparedTrial> finished = own.stream()
                    .filter(trial -> trial.state() == TrialState.FINISHED)
                    .toList();
            Map<String, Summary> summaries = new LinkedHashMap<>();
            metrics.forEach(metric -> summaries.put(
                    metric,
                    Comparison.summary(
                            metric, finished, trial -> trial.metrics().get(metric))));
            OptionalDouble number = ParameterTexts.asNumber(value);
            levels.add(new Level(value, number.isPresent() ? number.getAsDouble() : null, own.size(), summaries));
        });
        if (levels.stream().allMatch(level -> level.number != null)) {
            levels.sort(Comparator.comparingDouble(level -> level.number == null ? 0 : level.number));
        }
        return levels;
    }

    /** Whether all values are numbers, so that a line through them means something. */
    public boolean isNumeric() {
        return levels.stream().allMatch(level -> level.number != null);
    }

    /** Whether each value is the one before times the same factor, so that an axis should be logarithmic. */
    public boolean isGeometric() {
        if (levels.size() < 3 || !isNumeric() || number(0) <= 0) {
            return false;
        }
        double ratio = number(1) / number(0);
        for (int i = 2; i < levels.size(); i++) {
            if (Math.abs(number(i) / number(i - 1) / ratio - 1) > SAME_RATIO) {
                return false;
            }
        }
        return true;
    }

    private double number(int level) {
        Double number = levels.get(level).number;
        return number == null ? Double.NaN : number;
    }

    /** Whether a metric is a share of 1, which tables print in percent. */
    public static boolean isShare(String key) {
        String name = key.substring(key.lastIndexOf('/') + 1);
        return SHARES.contains(name)
                || name.startsWith("dice")
                || name.contains("recall_at_")
                || name.startsWith("precision_at_")
                || name.endsWith("_at_threshold");
    }

    private static PerduraException invalid(String message) {
        return new PerduraException(ErrorCode.INVALID_SPEC, message);
    }
}
