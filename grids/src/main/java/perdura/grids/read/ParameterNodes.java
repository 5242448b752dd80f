package perdura.grids.read;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import perdura.grids.spec.Nearest;

/**
 * What a mapping says of parameters, by path. {@code optimizer.weightDecay: 0.1} and {@code optimizer: {weightDecay: 0.1}}
 * are the same; what a flag says wins.
 */
final class ParameterNodes {
    private final Collection<String> known;
    private final String what;
    private final Problems problems;
    private final Map<String, SpecNode.Mapping.Entry> found = new LinkedHashMap<>();

    /**
     * Reads no mapping yet.
     *
     * @param known the paths that there are
     * @param what they are, for messages: "parameter of linear-probe"
     */
    ParameterNodes(Collection<String> known, String what, Problems problems) {
        this.known = known;
        this.what = what;
        this.problems = problems;
    }

    /** The entries of all known paths; an unknown one is a problem. */
    Map<String, SpecNode.Mapping.Entry> read(SpecNode.Mapping mapping, String path) {
        return read(mapping, path, key -> false);
    }

    /** @param isOther top keys that are no paths, and are left alone */
    Map<String, SpecNode.Mapping.Entry> read(SpecNode.Mapping mapping, String path, Predicate<String> isOther) {
        mapping.entries().forEach((key, entry) -> {
            if (!isOther.test(key)) {
                add(key, entry, path);
            }
        });
        return found;
    }

    private void add(String path, SpecNode.Mapping.Entry entry, String home) {
        if (known.contains(path)) {
            SpecNode.Mapping.Entry earlier = found.put(path, entry);
            if (earlier != null && !isFlag(earlier) && !isFlag(entry)) {
                problems.add(
                        entry.keyPlace(),
                        home + "." + path,
                        "comes twice, first at " + earlier.keyPlace() + "; keep one");
            } else if (earlier != null && isFlag(earlier)) {
                found.put(path, earlier);
            }
            return;
        }
        boolean isGroup = known.stream().anyMatch(other -> other.startsWith(path + "."));
        if (isGroup && entry.value() instanceof SpecNode.Mapping below) {
            below.entries().forEach((key, inner) -> add(path + "." + key, inner, home));
        } else if (isGroup) {
            problems.add(
                    entry.value().place(),
                    home + "." + path,
                    "expected a mapping of keys to values, was " + entry.value().kind());
        } else {
            String suggestion = known.isEmpty() ? "; there is none" : Nearest.suggestion(path, known);
            problems.add(entry.keyPlace(), home + "." + path, "is no " + what + suggestion);
        }
    }

    private static boolean isFlag(SpecNode.Mapping.Entry entry) {
        return entry.value().place().origin() == Place.Origin.FLAG;
    }
}
