package perdura.grids.read;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A value of a YAML document, with its place. */
sealed interface SpecNode {
    Place place();

    /** What it is, for messages. */
    String kind();

    /**
     * A text, number, boolean or null as it was written.
     *
     * @param isQuoted whether it stood in quotes, and so can only be a text
     * @param isNull whether it was null, {@code ~} or left out
     */
    record Scalar(Place place, String text, boolean isQuoted, boolean isNull) implements SpecNode {
        @Override
        public String kind() {
            if (isNull) {
                return "nothing";
            }
            String line = text.replace("\n", "\\n"); // a problem stands on one line
            return isQuoted ? "the text \"" + line + "\"" : line;
        }
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
        record Entry(Place keyPlace, SpecNode value) {}

        @Override
        public String kind() {
            return "a mapping";
        }

        /** This mapping, with what it lacks taken from {@code base}; mappings are joined, all else is replaced. */
        Mapping over(Mapping base) {
            Map<String, Entry> joined = new LinkedHashMap<>(base.entries);
            entries.forEach((key, entry) -> joined.merge(key, entry, Mapping::join));
            return new Mapping(place, joined);
        }

        private static Entry join(Entry below, Entry above) {
            if (below.value instanceof Mapping base) {
                if (above.value instanceof Mapping mapping) {
                    return new Entry(above.keyPlace, mapping.over(base));
                }
                if (above.value instanceof Scalar scalar && scalar.isNull) {
                    return below;
                }
            }
            return above;
        }

        /** This mapping with one key set. */
        Mapping with(String key, Entry entry) {
            Map<String, Entry> changed = new LinkedHashMap<>(entries);
            changed.put(key, entry);
            return new Mapping(place, changed);
        }
    }
}
