package perdura.grids.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a task tells of itself to the grid language: its parameters and the metrics that it reports.
 *
 * @param name letters, digits and dashes
 * @param version raised when the task's code changes what it computes; at least 1
 * @param parameters in the order in which people should see them
 * @param metrics names that MLflow takes, of letters, digits, {@code _}, {@code -} and single dots, each reported on validation and on test data; not empty
 */
public record TaskSchema(String name, int version, List<ParameterSchema> parameters, List<String> metrics) {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,59}");
    private static final Pattern METRIC = Pattern.compile("[a-zA-Z](?!.*[.][.])[\\w.-]{0,99}");
    /** Words of CEL, and the seeds, which are no parameter. */
    private static final Set<String> TAKEN = Set.of(
            ("seeds as break const continue else for function if import in let loop package namespace return var void while "
                            + "true false null int uint double bool string bytes list map type dyn size has duration timestamp")
                    .split(" "));

    public TaskSchema {
        parameters = List.copyOf(parameters);
        metrics = List.copyOf(metrics);
        if (!NAME.matcher(name).matches() || version < 1) {
            throw new IllegalArgumentException("no name and version of a task: '" + name + "' " + version);
        }
        if (metrics.isEmpty()
                || !metrics.stream().allMatch(metric -> METRIC.matcher(metric).matches())) {
            throw new IllegalArgumentException(name + " must report metrics, was " + metrics);
        }
        checkPaths(parameters.stream().map(ParameterSchema::path).toList());
    }

    /** The parameter of a path. */
    public Optional<ParameterSchema> find(String path) {
        return parameters.stream().filter(p -> p.path().equals(path)).findFirst();
    }

    /** Whether parameters stand under a path, as {@code optimizer.weightDecay} under {@code optimizer}. */
    public boolean isGroup(String path) {
        return parameters.stream().anyMatch(p -> p.path().startsWith(path + "."));
    }

    /** The paths of all parameters. */
    public List<String> paths() {
        return parameters.stream().map(ParameterSchema::path).toList();
    }

    /** The paths of those whose values repeat one experiment. */
    public List<String> replicates() {
        return parameters.stream()
                .filter(ParameterSchema::isReplicate)
                .map(ParameterSchema::path)
                .toList();
    }

    /** The default of every parameter that has one, by path. */
    public Parameters defaults() {
        TreeMap<String, @Nullable Object> values = new TreeMap<>();
        for (ParameterSchema parameter : parameters) {
            if (!parameter.isRequired()) {
                values.put(parameter.path(), parameter.defaultValue());
            }
        }
        return new Parameters(values);
    }

    private static void checkPaths(List<String> paths) {
        List<String> sorted = new ArrayList<>(paths);
        sorted.sort(null);
        for (int i = 0; i < sorted.size(); i++) {
            String path = sorted.get(i);
            if (TAKEN.contains(path) || TAKEN.contains(path.split("\\.", 2)[0])) {
                throw new IllegalArgumentException("'" + path + "' can't be the name of a parameter");
            }
            for (String other : sorted.subList(i + 1, sorted.size())) {
                if (other.equals(path) || other.startsWith(path + ".")) {
                    throw new IllegalArgumentException("two parameters stand at " + path);
                }
            }
        }
    }
}
