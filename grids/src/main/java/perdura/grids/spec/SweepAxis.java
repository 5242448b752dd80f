package perdura.grids.spec;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One axis of a sweep's matrix.
 *
 * @param path of the parameter that it varies
 * @param values in the order of the file; no two are equal
 * @param when other axes, each with those of its values at which this one takes part; empty: always. Elsewhere its parameter
 *     keeps the value of the base
 */
public record SweepAxis(String path, List<@Nullable Object> values, Map<String, List<@Nullable Object>> when) {
    public SweepAxis {
        values = Collections.unmodifiableList(new ArrayList<>(values));
        Map<String, List<@Nullable Object>> copy = new LinkedHashMap<>();
        when.forEach((axis, some) -> copy.put(axis, Collections.unmodifiableList(new ArrayList<>(some))));
        when = Collections.unmodifiableMap(copy);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("the axis " + path + " has no values");
        }
    }
}
