package perdura.experiments.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.NumberText;

/** Parameters as people read them: a path and a text each. */
public final class ParameterTexts {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ParameterTexts() {}

    /** Reads an object of objects: {@code {"optimizer":{"beta1":0.5}}} becomes {@code optimizer.beta1 = 0.5}. */
    static Map<String, String> read(String json) {
        return of(json(json));
    }

    /** What the store keeps as JSON. */
    public static JsonNode json(String stored) {
        try {
            return JSON.readTree(stored);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the store holds what is no JSON", e);
        }
    }

    public static Map<String, String> of(JsonNode object) {
        Map<String, String> texts = new LinkedHashMap<>();
        add(texts, "", object);
        return texts;
    }

    private static void add(Map<String, String> texts, String prefix, JsonNode object) {
        object.properties().stream()
                .sorted(Map.Entry.comparingByKey(Comparator.naturalOrder()))
                .forEach(entry -> {
                    String path = prefix + entry.getKey();
                    if (entry.getValue().isObject()) {
                        add(texts, path + ".", entry.getValue());
                    } else {
                        texts.put(path, text(entry.getValue()));
                    }
                });
    }

    /** A value as people read it. */
    public static String text(JsonNode value) {
        if (value.isTextual()) {
            return value.textValue();
        }
        boolean isList = value.isArray()
                && StreamSupport.stream(value.spliterator(), false).allMatch(JsonNode::isValueNode);
        return value.isNumber() || isList
                ? NumberText.ofValue(JSON.convertValue(value, Object.class))
                : value.toString();
    }

    /**
     * A text as a table of values has it, where neither nothing nor {@code null} may stand: pandas reads both as NaN, by which it does not
     * group. An encoder that is null begins at random.
     *
     * @param text null if a point has no such parameter
     */
    public static String cell(String path, @Nullable String text) {
        if (text == null) {
            return "-";
        }
        if (!text.equals("null")) {
            return text;
        }
        return path.substring(path.lastIndexOf('.') + 1).equals("encoder") ? "random" : "none";
    }

    /** The number that a text is; empty if it is none, or not there. */
    public static OptionalDouble asNumber(@Nullable String text) {
        try {
            return text == null ? OptionalDouble.empty() : OptionalDouble.of(new BigDecimal(text).doubleValue());
        } catch (NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }
}
