package perdura.grids.codec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ParameterType;

/**
 * A key of a document that holds a value, with the path to it: what tables, deviations and parameters are made of.
 *
 * @param path keys from the document on, without positions in lists: {@code [stages, lossWeights, global]}
 * @param numberKey in a list of numbered records, the key of the number; null elsewhere. The list is the path's first key
 * @param decides whether its value decides what comes out
 */
public record Leaf(
        List<String> path, Field<?> field, @Nullable String numberKey, boolean decides) {
    /** All keys of a document, in order. */
    public static List<Leaf> all(RecordCodec<?> document) {
        List<Leaf> leaves = new ArrayList<>();
        add(document.keys(), new Above(List.of(), null, true), leaves);
        return leaves;
    }

    private static void add(Map<String, Field<?>> keys, Above above, List<Leaf> into) {
        keys.forEach((key, field) -> {
            List<String> path = new ArrayList<>(above.path);
            path.add(key);
            Above own = new Above(path, above.numberKey, above.decides && field.decides());
            Codec<?> codec = field.codec() instanceof Codecs.OrNull<?> nullable ? nullable.codec() : field.codec();
            if (codec instanceof RecordCodec<?> record) {
                add(record.keys(), own, into);
            } else if (codec instanceof Codecs.Records<?> records && records.key() != null) {
                add(records.items().keys(), new Above(path, records.key(), own.decides), into);
            } else if (codec instanceof Variants<?> variants) {
                add(variants.keys(), own, into);
            } else {
                into.add(new Leaf(List.copyOf(path), field, own.numberKey, own.decides));
            }
        });
    }

    private record Above(List<String> path, @Nullable String numberKey, boolean decides) {}

    /** The keys, joined by dots. */
    public String dotted() {
        return String.join(".", path);
    }

    /** The type of its values; nothing if no parameter of a task can have it. */
    public Optional<ParameterType> type() {
        return Optional.ofNullable(codec().parameterType());
    }

    public boolean isNullable() {
        return !codec().refusesNull();
    }

    /** Whether its values repeat one experiment. */
    public boolean isReplicate() {
        return field.isReplicate();
    }

    public String meaning() {
        return field.meaning();
    }

    /** What the key was called once. */
    public Optional<String> formerName() {
        return Optional.ofNullable(field.formerName());
    }

    /** The value that the method's authors published, as JSON has it; nothing if they said none. */
    public Optional<Object> published() {
        return Optional.ofNullable(field.published());
    }

    private Codec<?> codec() {
        return Objects.requireNonNull(field.codec());
    }

    /**
     * Its values in a document, by their path; none where a mapping above it is not there.
     *
     * @param json the document as JSON
     */
    public Map<String, @Nullable Object> values(@Nullable Object json) {
        Map<String, @Nullable Object> found = new LinkedHashMap<>();
        if (numberKey != null && json instanceof Map<?, ?> root && root.get(path.get(0)) instanceof List<?> list) {
            for (Object item : list) {
                if (item instanceof Map<?, ?> map) {
                    find(map, path.subList(1, path.size()), numberKey + " " + map.get(numberKey) + " ", found);
                }
            }
        } else if (numberKey == null) {
            find(json, path, "", found);
        }
        return found;
    }

    private static void find(
            @Nullable Object json, List<String> keys, String prefix, Map<String, @Nullable Object> into) {
        Object value = json;
        for (String key : keys) {
            if (!(value instanceof Map<?, ?> map) || !map.containsKey(key)) {
                return;
            }
            value = map.get(key);
        }
        into.put(prefix + String.join(".", keys), value);
    }
}
