package perdura.grids.codec;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import perdura.grids.spec.PlainText;

/** A value of a YAML document, with its place. */
public sealed interface SpecNode {
    Place place();

    /** What it is, for messages. */
    String kind();

    default boolean isNull() {
        return false;
    }

    /** Whether the user wrote a value: neither nothing nor a default. */
    default boolean isWritten() {
        return !isNull() && place().origin() != Place.Origin.DEFAULTS;
    }

    /**
     * A text, number, boolean or null as it was written.
     *
     * @param isQuoted whether it stood in quotes, and so can only be a text
     * @param isNull whether it was null, {@code ~} or left out
     */
    record Scalar(Place place, String text, boolean isQuoted, boolean isNull) implements SpecNode {
        private static final int LONGEST_SHOWN = 200;

        /** The text, empty if it stood in quotes and so is neither a number nor a flag. */
        public String plain() {
            return isQuoted ? "" : text;
        }

        @Override
        public String kind() {
            if (isNull) {
                return "nothing";
            }
            String line = PlainText.cut(PlainText.line(text.replace("\n", "\\n")), LONGEST_SHOWN);
            return isQuoted ? "the text \"" + line + "\"" : line;
        }
    }

    /** A node over another: mappings are joined, nothing over a mapping is that mapping, and all else is replaced. */
    static SpecNode joined(SpecNode above, SpecNode below) {
        if (!(below instanceof Mapping base)) {
            return above;
        }
        return above instanceof Mapping mapping ? mapping.over(base) : above.isNull() ? below : above;
    }

    /** The nodes of a text that the store keeps; all of them stand at one place. */
    static SpecNode ofJson(JsonNode json, Place place) {
        if (json.isObject()) {
            Map<String, Mapping.Entry> entries = new LinkedHashMap<>();
            json.properties()
                    .forEach(entry ->
                            entries.put(entry.getKey(), new Mapping.Entry(place, ofJson(entry.getValue(), place))));
            return new Mapping(place, entries);
        }
        if (json.isArray()) {
            List<SpecNode> items = new ArrayList<>();
            json.forEach(item -> items.add(ofJson(item, place)));
            return new Sequence(place, items);
        }
        return new Scalar(place, json.asText(), json.isTextual(), json.isNull());
    }

    /** A list. */
    record Sequence(Place place, List<SpecNode> items) implements SpecNode {
        public Sequence {
            items = List.copyOf(items);
        }

        @Override
        public String kind() {
            return "a list";
        }
    }

    /** Keys with values, in the order of the file. */
    record Mapping(Place place, Map<String, Entry> entries) implements SpecNode {
        public Mapping {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }

        /** A key's place and its value. */
        public record Entry(Place keyPlace, SpecNode value) {}

        @Override
        public String kind() {
            return "a mapping";
        }

        /** This mapping, with what it lacks taken from {@code base}; mappings are joined, all else is replaced. */
        Mapping over(Mapping base) {
            Map<String, Entry> joined = new LinkedHashMap<>(base.entries);
            entries.forEach((key, entry) -> joined.merge(
                    key, entry, (below, above) -> new Entry(above.keyPlace, joined(above.value, below.value))));
            return new Mapping(place, joined);
        }

        /** The value below these keys, one after the other; nothing if one of them is not there. */
        public Optional<SpecNode> find(String... keys) {
            SpecNode node = this;
            for (String key : keys) {
                Entry entry = node instanceof Mapping mapping ? mapping.entries.get(key) : null;
                if (entry == null) {
                    return Optional.empty();
                }
                node = entry.value;
            }
            return Optional.of(node);
        }

        /** This mapping with one key set. */
        public Mapping with(String key, Entry entry) {
            Map<String, Entry> changed = new LinkedHashMap<>(entries);
            changed.put(key, entry);
            return new Mapping(place, changed);
        }
    }
}
