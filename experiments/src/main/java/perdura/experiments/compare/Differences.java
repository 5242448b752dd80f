package perdura.experiments.compare;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
