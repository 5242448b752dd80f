package perdura.grids.read;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import perdura.grids.codec.Place;
import perdura.grids.codec.Problems;
import perdura.grids.codec.SpecNode;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.TaskSchema;

/**
 * What a mapping says of parameters, by path. {@code optimizer.weightDecay: 0.1} and {@code optimizer: {weightDecay: 0.1}}
 * are the same; what a flag says wins.
 */
final class ParameterNodes {
    private final Collection<String> known;
    private final String what;
    private final Map<String, String> formerPaths;
    private final Problems problems;
    private final Map<String, SpecNode.Mapping.Entry> found = new LinkedHashMap<>();

    /**
     * Reads no mapping yet.
     *
     * @param known the paths that there are
     * @param what they are, for messages: "parameter of linear-probe"
     */
    ParameterNodes(Collection<String> known, String what, Problems problems) {
        this(known, what, Map.of(), problems);
    }

    private ParameterNodes(Collection<String> known, String what, Map<String, String> formerPaths, Problems problems) {
        this.known = known;
        this.what = what;
        this.formerPaths = formerPaths;
        this.problems = problems;
    }

    /** Reads no mapping of a task's parameters yet. */
    static ParameterNodes of(TaskSchema task, Problems problems) {
        Map<String, String> formerPaths = new HashMap<>();
        for (ParameterSchema parameter : task.parameters()) {
            if (parameter.formerPath() != null) {
                formerPaths.put(parameter.formerPath(), parameter.path());
            }
        }
        return new ParameterNodes(task.paths(), "parameter of " + task.name(), formerPaths, problems);
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
            problems.expected(entry.value(), home + "." + path, "a mapping of keys to values");
        } else {
            String today = formerPaths.get(path);
            problems.add(
                    entry.keyPlace(),
                    home + "." + path,
                    today == null ? "is no " + what + suggestion(path) : "is called " + today + " now; write that");
        }
    }

    /** A group may have come between a parameter and its name: {@code pretrain.tau} means {@code pretrain.model.tau}. */
    private String suggestion(String path) {
        int first = path.indexOf('.') + 1;
        return known.stream()
                .filter(other -> first > 0
                        && other.startsWith(path.substring(0, first))
                        && other.endsWith(path.substring(path.lastIndexOf('.'))))
                .findFirst()
                .map(other -> "; did you mean '" + other + "'?")
                .orElseGet(() -> known.isEmpty() ? "; there is none" : Nearest.suggestion(path, known));
    }

    private static boolean isFlag(SpecNode.Mapping.Entry entry) {
        return entry.value().place().origin() == Place.Origin.FLAG;
    }
}
