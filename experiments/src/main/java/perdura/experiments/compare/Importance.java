package perdura.experiments.compare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How much of the variance of the points' results one parameter explains: eta squared of a one-way analysis of variance over the
 * means of the points, sum of squares between the parameter's values over the total. Parameters that vary together share what they
 * explain.
 *
 * @param path of the parameter
 * @param share eta squared, in [0, 1]
 * @param chance what a parameter without influence comes to on average: (levels - 1) / (points - 1)
 * @param levels groups that were compared
 * @param points in them
 * @param ranges whether the groups are ranges of a number with too many values
 */
public record Importance(String path, double share, double chance, int levels, int points, boolean ranges) {
    private static final int MOST_RANGES = 4;
    private static final int LEAST_POINTS = 3;

    /** The parameters that differ, greatest share first; those with hardly a value twice are left out, unless they are numbers. */
    public static List<Importance> of(Comparison comparison) {
        List<ComparedPoint> points = comparison.points().stream()
                .filter(point -> !point.provisional() && point.objective().mean() != null)
                .toList();
        List<Importance> all = new ArrayList<>();
        for (String path : comparison.parameters().differing()) {
            find(path, points).ifPresent(all::add);
        }
        all.sort(Comparator.comparingDouble(Importance::share).reversed());
        return all;
    }

    private static Optional<Importance> find(String path, List<ComparedPoint> points) {
        Map<String, List<Double>> groups = new LinkedHashMap<>();
        for (ComparedPoint point : points) {
            groups.computeIfAbsent(point.parameters().getOrDefault(path, "-"), value -> new ArrayList<>())
                    .add(mean(point));
        }
        boolean ranges = groups.size() * 2 > points.size();
        List<List<Double>> levels = ranges ? ranges(path, points) : List.copyOf(groups.values());
        if (points.size() < LEAST_POINTS || levels.size() < 2) {
            return Optional.empty();
        }
        OptionalDouble share = etaSquared(levels);
        if (share.isEmpty()) {
            return Optional.empty();
        }
        double chance = (levels.size() - 1.0) / (points.size() - 1.0);
        return Optional.of(new Importance(path, share.getAsDouble(), chance, levels.size(), points.size(), ranges));
    }

    /** Equally many points each, by the parameter's value; equal values stay together. Empty if it is no number. */
    private static List<List<Double>> ranges(String path, List<ComparedPoint> points) {
        List<ComparedPoint> sorted = new ArrayList<>();
        for (ComparedPoint point : points) {
            if (number(point, path).isEmpty()) {
                return List.of();
            }
            sorted.add(point);
        }
        sorted.sort(Comparator.comparingDouble(point -> number(point, path).getAsDouble()));
        int count = Math.min(MOST_RANGES, sorted.size() / 2);
        Map<Integer, List<Double>> ranges = new LinkedHashMap<>();
        int range = 0;
        for (int i = 0; i < sorted.size(); i++) {
            boolean same = i > 0
                    && number(sorted.get(i - 1), path).getAsDouble()
                            == number(sorted.get(i), path).getAsDouble();
            range = same ? range : i * count / sorted.size();
            ranges.computeIfAbsent(range, r -> new ArrayList<>()).add(mean(sorted.get(i)));
        }
        return List.copyOf(ranges.values());
    }

    private static OptionalDouble number(ComparedPoint point, String path) {
        return ParameterTexts.asNumber(point.parameters().get(path));
    }

    private static double mean(ComparedPoint point) {
        return Objects.requireNonNull(point.objective().mean());
    }

    /** Empty if all values are equal. */
    private static OptionalDouble etaSquared(List<List<Double>> groups) {
        List<Double> all = groups.stream().flatMap(List::stream).toList();
        double mean = average(all);
        double total = all.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
        double between = groups.stream()
                .mapToDouble(group -> group.size() * (average(group) - mean) * (average(group) - mean))
                .sum();
        return total > 0 ? OptionalDouble.of(Math.min(1, between / total)) : OptionalDouble.empty();
    }

    private static double average(List<Double> values) {
        return values.stream().mapToDouble(x -> x).average().orElseThrow();
    }
}
