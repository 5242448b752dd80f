package perdura.grids.spec;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Values by path, sorted by path, so that equal parameters are written in the same way.
 *
 * @param values null, {@code Long}, {@code Double}, {@code Boolean}, {@code String} or a list of these
 */
public record Parameters(SortedMap<String, @Nullable Object> values) {
    private static final Parameters NONE = new Parameters(new TreeMap<>());

    public Parameters {
        TreeMap<String, @Nullable Object> copy = new TreeMap<>();
        values.forEach((path, value) -> copy.put(path, value instanceof List<?> list ? List.copyOf(list) : value));
        values = Collections.unmodifiableSortedMap(copy);
    }

    /** No parameters. */
    public static Parameters none() {
        return NONE;
    }

    /** These, and for what they lack those of {@code base}. */
    public Parameters over(Parameters base) {
        TreeMap<String, @Nullable Object> joined = new TreeMap<>(base.values);
        joined.putAll(values);
        return new Parameters(joined);
    }

    /** The value of a path; null too where there is none. */
    public @Nullable Object value(String path) {
        return values.get(path);
    }

    /** As maps in maps: {@code {optimizer: {weightDecay: 0.1}}} for {@code optimizer.weightDecay}; keys are sorted. */
    public Map<String, @Nullable Object> nested() {
        Map<String, @Nullable Object> root = new TreeMap<>();
        values.forEach((path, value) -> {
            Map<String, @Nullable Object> map = root;
            int start = 0;
            for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', start)) {
                map = below(map, path.substring(start, dot));
                start = dot + 1;
            }
            map.put(path.substring(start), value);
        });
        return root;
    }

    @SuppressWarnings("unchecked") // values of this class are no maps, so a map is one that was put here
    private static Map<String, @Nullable Object> below(Map<String, @Nullable Object> map, String key) {
        Object there = map.computeIfAbsent(key, k -> new TreeMap<String, @Nullable Object>());
        return (Map<String, @Nullable Object>) there;
    }
}
