package perdura.grids.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What values a key of a spec or a parameter of a task may have. A value is a {@code Long}, {@code Double}, {@code Boolean},
 * {@code String} or a {@code List} of these.
 */
public sealed interface ParameterType {
    /** Whether a value is of this type and in its range. */
    boolean contains(@Nullable Object value);

    /** What a value should be, for messages: "an integer", "one of adam, adamw". */
    String expected();

    /** The rule that a value of the right kind must follow, for messages: "must be > 0 and <= 1". */
    default String rule() {
        return "expected " + expected();
    }

    /** As {@link #rule()}, the half of it that a value breaks. */
    default String rule(Object value) {
        return rule();
    }

    /** The allowed values, for a table in a document: "integer from 1 to 9". */
    default String range() {
        return expected();
    }

    /** JSON Schema, draft 7. */
    Map<String, Object> schema();

    /** A value of this type, which stands in for one that is wrong while the rest of a document is read. */
    Object harmless();

    /**
     * The type that has the values of both.
     *
     * @throws IllegalArgumentException if they have nothing in common
     */
    default ParameterType joined(ParameterType other) {
        if (equals(other)) {
            return this;
        }
        if (this instanceof Whole a && other instanceof Whole b) {
            return new Whole(Math.min(a.least, b.least), Math.max(a.most, b.most));
        }
        if (this instanceof Real a && other instanceof Real b) {
            return new Real(
                    Math.min(a.low, b.low),
                    a.low == b.low ? a.hasLow || b.hasLow : a.low < b.low ? a.hasLow : b.hasLow,
                    Math.max(a.high, b.high),
                    a.high == b.high ? a.hasHigh || b.hasHigh : a.high > b.high ? a.hasHigh : b.hasHigh);
        }
        if (this instanceof Word a && other instanceof Word b) {
            return new Word(
                    Stream.concat(a.words.stream(), b.words.stream()).distinct().toList());
        }
        if (this instanceof ListOf a && other instanceof ListOf b) {
            return new ListOf(a.element.joined(b.element), Math.min(a.least, b.least), Math.max(a.most, b.most));
        }
        throw new IllegalArgumentException("nothing is both " + range() + " and " + other.range());
    }

    /** A whole number. Both ends belong to it; at most 2^53 - 1, which JSON keeps exactly. */
    record Whole(long least, long most) implements ParameterType {
        /** The greatest integer that canonical JSON keeps exactly. */
        public static final long GREATEST = (1L << 53) - 1;

        public Whole {
            if (least > most || least < -GREATEST || most > GREATEST) {
                throw new IllegalArgumentException("no range of whole numbers: " + least + " to " + most);
            }
        }

        @Override
        public boolean contains(@Nullable Object value) {
            return value instanceof Long number && number >= least && number <= most;
        }

        @Override
        public String expected() {
            return "an integer";
        }

        @Override
        public String rule() {
            return "must be " + bounds();
        }

        @Override
        public String rule(Object value) {
            return (Long) value < least ? "must be >= " + least : "must be <= " + most;
        }

        @Override
        public String range() {
            return most >= 1 << 20 ? "integer >= " + least : "integer " + bounds();
        }

        private String bounds() {
            return most == GREATEST ? ">= " + least : "from " + least + " to " + most;
        }

        @Override
        public Map<String, Object> schema() {
            return map("type", "integer", "minimum", least, "maximum", most);
        }

        @Override
        public Object harmless() {
            return least;
        }
    }

    /**
     * A finite number.
     *
     * @param hasLow whether {@code low} itself belongs to it
     * @param hasHigh whether {@code high} itself belongs to it
     */
    record Real(double low, boolean hasLow, double high, boolean hasHigh) implements ParameterType {
        public Real {
            if (!(low <= high)) {
                throw new IllegalArgumentException("no range of numbers: " + low + " to " + high);
            }
        }

        /** Over 0. */
        public static Real positive() {
            return new Real(0, false, Double.POSITIVE_INFINITY, false);
        }

        /** 0 and over. */
        public static Real notNegative() {
            return new Real(0, true, Double.POSITIVE_INFINITY, false);
        }

        /** [0, 1). */
        public static Real share() {
            return new Real(0, true, 1, false);
        }

        /** (0, 1]. */
        public static Real positiveShare() {
            return positiveUpTo(1);
        }

        /** (0, high]. */
        public static Real positiveUpTo(double high) {
            return new Real(0, false, high, true);
        }

        /** [low, high]. */
        public static Real closed(double low, double high) {
            return new Real(low, true, high, true);
        }

        @Override
        public boolean contains(@Nullable Object value) {
            return value instanceof Double number
                    && Double.isFinite(number)
                    && (number > low || (hasLow && number == low))
                    && (number < high || (hasHigh && number == high));
        }

        @Override
        public String expected() {
            return "a number";
        }

        @Override
        public String rule() {
            return "must be " + bounds();
        }

        @Override
        public String range() {
            return "number " + bounds();
        }

        private String bounds() {
            String lower = (hasLow ? ">= " : "> ") + text(low);
            return lower + (Double.isInfinite(high) ? "" : " and " + (hasHigh ? "<= " : "< ") + text(high));
        }

        private static String text(double bound) {
            return bound == Math.rint(bound) ? String.valueOf((long) bound) : String.valueOf(bound);
        }

        @Override
        public Map<String, Object> schema() {
            Map<String, Object> schema = map("type", "number");
            if (Double.isFinite(low)) {
                schema.put(hasLow ? "minimum" : "exclusiveMinimum", low);
            }
            if (Double.isFinite(high)) {
                schema.put(hasHigh ? "maximum" : "exclusiveMaximum", high);
            }
            return schema;
        }

        @Override
        public Object harmless() {
            return Double.isFinite(high) ? (low + high) / 2 : low + 0.5;
        }
    }

    /** One of some words. */
    record Word(List<String> words) implements ParameterType {
        public Word {
            words = List.copyOf(words);
            if (words.isEmpty()) {
                throw new IllegalArgumentException("a parameter of words has at least one");
            }
        }

        @Override
        public boolean contains(@Nullable Object value) {
            return value instanceof String text && words.contains(text);
        }

        @Override
        public String expected() {
            return "one of " + String.join(", ", words);
        }

        @Override
        public String range() {
            return "`" + String.join("`, `", words) + "`";
        }

        @Override
        public Map<String, Object> schema() {
            return map("enum", words);
        }

        @Override
        public Object harmless() {
            return words.get(0);
        }
    }

    /** True or false. */
    record Flag() implements ParameterType {
        @Override
        public boolean contains(@Nullable Object value) {
            return value instanceof Boolean;
        }

        @Override
        public String expected() {
            return "true or false";
        }

        @Override
        public String range() {
            return "`true`, `false`";
        }

        @Override
        public Map<String, Object> schema() {
            return map("type", "boolean");
        }

        @Override
        public Object harmless() {
            return false;
        }
    }

    /**
     * A text.
     *
     * @param form a regular expression that the whole text follows
     * @param expected what it is, for messages
     */
    record Text(String form, String expected) implements ParameterType {
        public Text {
            Pattern.compile(form);
        }

        @Override
        public boolean contains(@Nullable Object value) {
            return value instanceof String text && Pattern.matches(form, text);
        }

        @Override
        public Map<String, Object> schema() {
            return map("type", "string", "description", expected);
        }

        @Override
        public Object harmless() {
            return "unnamed";
        }
    }

    /** The name or digest of something that the store knows. Its digest, not its name, decides a trial's identity. */
    record Reference(Kind kind) implements ParameterType {
        /** What is named. */
        public enum Kind {
            /** An ingested data set. */
            DATASET("an ingested data set", "there is no ingested data set"),
            /** What an encoder begins with: a pre-training, or imported weights. */
            WEIGHTS("a pre-training or imported weights", "there is no pre-training and there are no weights"),
            /** What an encoder of a pre-training begins with. */
            IMPORTED_WEIGHTS("imported weights", "there are no weights");

            private final String meaning;
            private final String missing;

            Kind(String meaning, String missing) {
                this.meaning = meaning;
                this.missing = missing;
            }

            /** What a message says of a name that nothing has. */
            public String missing(String name) {
                return missing + " '" + name + "'";
            }
        }

        @Override
        public boolean contains(@Nullable Object value) {
            return value instanceof String text
                    && !text.isBlank()
                    && text.length() <= 1000
                    && text.chars().noneMatch(Character::isISOControl);
        }

        @Override
        public String expected() {
            return "the name or the digest of " + kind.meaning;
        }

        @Override
        public Map<String, Object> schema() {
            return map("type", "string", "minLength", 1);
        }

        @Override
        public Object harmless() {
            return "unnamed";
        }
    }

    /** A list of {@code least} to {@code most} values. */
    record ListOf(ParameterType element, int least, int most) implements ParameterType {
        public ListOf {
            if (element instanceof ListOf || element instanceof Reference || least < 0 || least > most) {
                throw new IllegalArgumentException("no list of " + least + " to " + most + " " + element);
            }
        }

        @Override
        public boolean contains(@Nullable Object value) {
            return value instanceof List<?> list
                    && list.size() >= least
                    && list.size() <= most
                    && list.stream().allMatch(element::contains);
        }

        @Override
        public String expected() {
            return "a list of " + size() + " values, each " + element.expected();
        }

        @Override
        public String range() {
            return "list of " + size() + ": " + element.range();
        }

        private String size() {
            return least == most ? String.valueOf(least) : least + " to " + most;
        }

        @Override
        public Map<String, Object> schema() {
            return map("type", "array", "minItems", least, "maxItems", most, "items", element.schema());
        }

        @Override
        public Object harmless() {
            return Collections.nCopies(least, element.harmless());
        }
    }

    private static Map<String, Object> map(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
