package perdura.grids.spec;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A DAG of Airflow that must have run before a pre-training begins.
 *
 * @param dag its id: 1 to 250 letters, digits, dashes, dots and underscores
 * @param conf what the DAG run is given: a JSON object in the order of the file, whose values are null, {@code Boolean},
 *     {@code Long}, {@code Double}, {@code String}, {@code List} and {@code Map}; may be empty
 */
public record AirflowSpec(String dag, Map<String, @Nullable Object> conf) {
    public AirflowSpec {
        conf = copy(conf);
    }

    private static Map<String, @Nullable Object> copy(Map<?, ? extends @Nullable Object> map) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> copy.put((String) key, copyValue(value)));
        return Collections.unmodifiableMap(copy);
    }

    private static @Nullable Object copyValue(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return copy(map);
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> copy = new ArrayList<>();
            list.forEach(item -> copy.add(copyValue(item)));
            return Collections.unmodifiableList(copy);
        }
        return value;
    }
}
