package perdura.grids.read;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Nearest;

/**
 * Reads the typed values of one mapping. A wrong value is a problem, and a harmless one is returned in its place, so that
 * reading goes on to the next problem. A key that nobody asked for is unknown.
 */
final class Fields {
    private static final Pattern INTEGER = Pattern.compile("[+-]?(0|[1-9][0-9]{0,18})");
    private static final Pattern NUMBER = Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,4})?");
    private static final Duration LONGEST = Duration.ofDays(365);

    private final SpecNode.Mapping mapping;
    private final Place home;
    private final String path;
    private final Problems problems;
    private final Set<String> asked = new LinkedHashSet<>();
    private final Set<String> wrong = new LinkedHashSet<>();

    /** The fields of a whole document. */
    Fields(SpecNode.Mapping document, Problems problems) {
        this(document, document.place(), "", problems);
    }

    /** The fields of a mapping within a document. */
    static Fields at(SpecNode.Mapping mapping, String path, Problems problems) {
        return new Fields(mapping, mapping.place(), path, problems);
    }

    /** @param home where to report what is missing, if the mapping itself was not written by the user */
    private Fields(SpecNode.Mapping mapping, Place home, String path, Problems problems) {
        this.mapping = mapping;
        this.home = mapping.place().origin() == Place.Origin.DEFAULTS ? home : mapping.place();
        this.path = path;
        this.problems = problems;
    }

    /** A text that is not blank. */
    String text(String key, String example) {
        return read(key, example, scalar -> scalar.text().isBlank() ? Optional.empty() : Optional.of(scalar.text()))
                .orElse(example);
    }

    /** A text of a form. */
    String text(String key, Pattern form, String expected, String harmless) {
        return read(
                        key,
                        expected,
                        scalar -> Optional.of(scalar.text())
                                .filter(text -> form.matcher(text).matches()))
                .orElse(harmless);
    }

    /** A text of a form, or null where the key says so. */
    @Nullable
    String textOrNull(String key, Pattern form, String expected) {
        return isNull(key) ? null : text(key, form, expected, "");
    }

    /** One of the words of an enum: lower case, dashes. */
    <E extends Enum<E>> E choice(String key, E[] values) {
        Map<String, E> words = new LinkedHashMap<>();
        for (E value : values) {
            words.put(word(value), value);
        }
        return read(key, "one of " + String.join(", ", words.keySet()), scalar -> {
                    E known = words.get(scalar.text());
                    if (known == null) {
                        Nearest.find(scalar.text(), words.keySet())
                                .ifPresent(nearest ->
                                        fault(key, "is " + scalar.kind() + "; did you mean '" + nearest + "'?"));
                    }
                    return Optional.ofNullable(known);
                })
                .orElse(values[0]);
    }

    /** Words of an enum, each at most once, in the enum's order. */
    <E extends Enum<E>> List<E> choices(String key, E[] values) {
        Map<String, E> words = new LinkedHashMap<>();
        for (E value : values) {
            words.put(word(value), value);
        }
        Set<E> chosen = new TreeSet<>();
        for (SpecNode item : sequence(key, "a list of words out of " + String.join(", ", words.keySet()))
                .map(SpecNode.Sequence::items)
                .orElse(List.of())) {
            E known = item instanceof SpecNode.Scalar scalar && !scalar.isNull() ? words.get(scalar.text()) : null;
            if (known == null) {
                problems.add(
                        item.place(),
                        child(key),
                        "expected words out of " + String.join(", ", words.keySet()) + ", was " + item.kind());
                wrong.add(key);
            } else if (!chosen.add(known)) {
                problems.add(item.place(), child(key), "'" + word(known) + "' comes twice");
                wrong.add(key);
            }
        }
        return List.copyOf(chosen);
    }

    /** How a spec writes a value of an enum. */
    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    boolean flag(String key) {
        return read(key, "true or false", scalar -> switch (plain(scalar)) {
                    case "true" -> Optional.of(true);
                    case "false" -> Optional.of(false);
                    default -> Optional.empty();
                })
                .orElse(false);
    }

    int integer(String key, int least, int most) {
        return (int) wholeNumber(key, least, most);
    }

    long wholeNumber(String key, long least, long most) {
        long value = read(key, "an integer", scalar -> integer(scalar)).orElse(least);
        return inRange(key, value, least, most);
    }

    double number(String key, Interval allowed) {
        Optional<Double> read = read(key, "a number", scalar -> number(scalar));
        if (read.isPresent() && !allowed.contains(read.get())) {
            fault(key, allowed.rule() + ", was " + read.get());
        }
        return read.filter(allowed::contains).orElse(0.5);
    }

    /** A number, or null where the key says so. */
    @Nullable
    Double numberOrNull(String key, Interval allowed) {
        return isNull(key) ? null : (Double) number(key, allowed);
    }

    /** An integer, or null where the key says so. */
    @Nullable
    Long wholeNumberOrNull(String key, long least) {
        return isNull(key) ? null : (Long) wholeNumber(key, least, Long.MAX_VALUE);
    }

    /** An integer, or {@code otherwise} where the key says {@code word}. */
    int integerOrWord(String key, String word, int otherwise, int least, int most) {
        SpecNode.Mapping.Entry entry = entry(key);
        if (entry != null
                && entry.value() instanceof SpecNode.Scalar scalar
                && scalar.text().equals(word)) {
            return otherwise;
        }
        return (int) inRange(
                key, read(key, "an integer or '" + word + "'", s -> integer(s)).orElse((long) least), least, most);
    }

    Duration duration(String key) {
        Duration value = read(key, "a duration like 500ms, 60s, 5m or 2h", scalar -> Durations.parse(scalar.text()))
                .orElse(LONGEST);
        if (value.isNegative() || value.isZero() || value.compareTo(LONGEST) > 0) {
            fault(key, "must be longer than nothing and at most 365d, was " + value);
            return LONGEST;
        }
        return value;
    }

    /** Integers, {@code size} of them. */
    List<Integer> integers(String key, int size, int least, int most) {
        List<Integer> harmless = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            harmless.add(least);
        }
        Optional<SpecNode.Sequence> list = sequence(key, "a list of " + size + " integers");
        if (list.isEmpty()) {
            return harmless;
        }
        List<Integer> values = new ArrayList<>();
        for (SpecNode item : list.get().items()) {
            Optional<Long> value = item instanceof SpecNode.Scalar scalar ? integer(scalar) : Optional.empty();
            if (value.isEmpty() || value.get() < least || value.get() > most) {
                problems.add(
                        item.place(),
                        child(key) + "[" + values.size() + "]",
                        "must be an integer from " + least + " to " + most + ", was " + item.kind());
            }
            values.add(value.filter(v -> v >= least && v <= most)
                    .orElse((long) least)
                    .intValue());
        }
        if (values.size() != size) {
            fault(key, "must be a list of " + size + " integers, has " + values.size());
            return harmless;
        }
        return values;
    }

    /** A duration, or null where the key says so. */
    @Nullable
    Duration durationOrNull(String key) {
        return isNull(key) ? null : duration(key);
    }

    /** The value of a key as it was written, for a reader of its own; nothing if it is not there or null. */
    Optional<SpecNode> node(String key) {
        return Optional.ofNullable(entry(key)).filter(entry -> !isNull(key)).map(SpecNode.Mapping.Entry::value);
    }

    /** The mapping of a key, for a reader of its own; an empty one if it is not there or null. */
    SpecNode.Mapping mapping(String key) {
        Optional<SpecNode> node = node(key);
        if (node.isPresent() && node.get() instanceof SpecNode.Mapping below) {
            return below;
        }
        node.ifPresent(other -> fault(key, "expected a mapping of keys to values, was " + other.kind()));
        return new SpecNode.Mapping(home, Map.of());
    }

    /** The items of a list, for a reader of their own; none if the key is not there or null. */
    List<SpecNode> items(String key, String expected) {
        return has(key) ? sequence(key, expected).map(SpecNode.Sequence::items).orElse(List.of()) : List.of();
    }

    /** The fields of a mapping below this one. */
    Fields fields(String key) {
        SpecNode.Mapping.Entry entry = entry(key);
        if (entry != null && entry.value() instanceof SpecNode.Mapping below) {
            return new Fields(below, home, child(key), problems);
        }
        if (entry != null) {
            fault(
                    key,
                    "expected a mapping of keys to values, was " + entry.value().kind());
        } else {
            missing(key, "a mapping of keys to values");
        }
        return new Fields(new SpecNode.Mapping(home, Map.of()), home, child(key), new Problems());
    }

    /** The fields of a mapping below this one; nothing where the key says null. */
    Optional<Fields> fieldsOrNull(String key) {
        return isNull(key) ? Optional.empty() : Optional.of(fields(key));
    }

    /** A mapping of free form, as JSON has it; empty if the key is not there or says null. */
    Map<String, @Nullable Object> jsonOrEmpty(String key) {
        SpecNode.Mapping.Entry entry = entry(key);
        if (entry == null || isNull(key)) {
            return Map.of();
        }
        if (entry.value() instanceof SpecNode.Mapping free) {
            return new JsonValues(problems).map(free, child(key));
        }
        fault(key, "expected a mapping of keys to values, was " + entry.value().kind());
        return Map.of();
    }

    /** The fields of each mapping of a list. */
    List<Fields> eachOf(String key) {
        List<Fields> each = new ArrayList<>();
        List<SpecNode> items = sequence(key, "a list of mappings")
                .map(SpecNode.Sequence::items)
                .orElse(List.of());
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i) instanceof SpecNode.Mapping item) {
                each.add(new Fields(item, home, child(key) + "[" + i + "]", problems));
            } else {
                problems.add(
                        items.get(i).place(),
                        child(key) + "[" + i + "]",
                        "expected a mapping of keys to values, was "
                                + items.get(i).kind());
            }
        }
        return each;
    }

    /** Adds a problem with a key's value, unless the condition holds or the value has a problem of its own. */
    void check(boolean holds, String key, String fault) {
        if (!holds && !wrong.contains(key)) {
            fault(key, fault);
        }
    }

    /** As {@link #check}, for a value that does not fit another one: the place is that of the one the user wrote. */
    void checkFit(boolean holds, String key, String otherKey, String fault) {
        if (!holds && isRight(key) && isRight(otherKey)) {
            boolean isDefault = placeOf(key).origin() == Place.Origin.DEFAULTS;
            problems.add(placeOf(isDefault ? otherKey : key), child(key), fault);
            wrong.add(key);
        }
    }

    boolean isRight(String key) {
        return asked.contains(key) && !wrong.contains(key);
    }

    /** Whether a key is there and not null. */
    boolean has(String key) {
        return entry(key) != null && !isNull(key);
    }

    /** Adds a problem for each of these keys that the user wrote, as another one takes their place. */
    void refuseBeside(String key, List<String> others) {
        for (String other : others) {
            boolean written = has(other) && placeOf(other).origin() != Place.Origin.DEFAULTS;
            check(!written, other, "can't stand beside " + child(key) + "; leave one of the two out");
        }
    }

    /** Where the value of a key stands; the mapping's own place if it has none. */
    Place placeOf(String key) {
        SpecNode.Mapping.Entry entry = mapping.entries().get(key);
        return entry == null ? home : entry.value().place();
    }

    /** Adds a problem for each of these keys that the user wrote, as they mean nothing beside another key's value. */
    void refuseWith(String key, String value, List<String> others) {
        for (String other : others) {
            boolean written = has(other) && placeOf(other).origin() != Place.Origin.DEFAULTS;
            check(!written, other, "means nothing where " + child(key) + " is " + value + "; leave it out");
        }
    }

    /** Ends the reading: what was not asked for is unknown. */
    void refuseOtherKeys() {
        mapping.entries().forEach((key, entry) -> {
            if (!asked.contains(key)) {
                problems.add(entry.keyPlace(), child(key), "unknown key" + Nearest.suggestion(key, asked));
            }
        });
    }

    private SpecNode.Mapping.@Nullable Entry entry(String key) {
        asked.add(key);
        return mapping.entries().get(key);
    }

    private boolean isNull(String key) {
        SpecNode.Mapping.Entry entry = entry(key);
        return entry != null && entry.value() instanceof SpecNode.Scalar scalar && scalar.isNull();
    }

    private <T> Optional<T> read(String key, String expected, Function<SpecNode.Scalar, Optional<T>> parse) {
        SpecNode.Mapping.Entry entry = entry(key);
        if (entry == null) {
            missing(key, expected);
            return Optional.empty();
        }
        Optional<T> value = entry.value() instanceof SpecNode.Scalar scalar && !scalar.isNull()
                ? parse.apply(scalar)
                : Optional.empty();
        if (value.isEmpty() && !wrong.contains(key)) {
            fault(key, "expected " + expected + ", was " + entry.value().kind());
        }
        return value;
    }

    private Optional<SpecNode.Sequence> sequence(String key, String expected) {
        SpecNode.Mapping.Entry entry = entry(key);
        if (entry == null) {
            missing(key, expected);
        } else if (entry.value() instanceof SpecNode.Sequence sequence) {
            return Optional.of(sequence);
        } else {
            fault(key, "expected " + expected + ", was " + entry.value().kind());
        }
        return Optional.empty();
    }

    private long inRange(String key, long value, long least, long most) {
        if (value < least || value > most) {
            fault(key, "must be " + (value < least ? ">= " + least : "<= " + most) + ", was " + value);
            return least;
        }
        return value;
    }

    private void missing(String key, String expected) {
        wrong.add(key);
        problems.add(home, child(key), "is missing; expected " + expected);
    }

    private void fault(String key, String fault) {
        wrong.add(key);
        problems.add(placeOf(key), child(key), fault);
    }

    private String child(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** The text of a scalar, empty if it stood in quotes and so is neither a number nor a flag. */
    static String plain(SpecNode.Scalar scalar) {
        return scalar.isQuoted() ? "" : scalar.text();
    }

    /** The integer that a scalar is. */
    static Optional<Long> integer(SpecNode.Scalar scalar) {
        if (!INTEGER.matcher(plain(scalar)).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Long.valueOf(scalar.text()));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The number that a scalar is; infinite if it is too great. */
    static Optional<Double> number(SpecNode.Scalar scalar) {
        return NUMBER.matcher(plain(scalar)).matches() ? Optional.of(Double.valueOf(scalar.text())) : Optional.empty();
    }
}
