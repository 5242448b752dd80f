package perdura.grids.codec;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Durations;
import perdura.grids.spec.EnumWord;
import perdura.grids.spec.ParameterType;

/** The codecs that there are. */
public final class Codecs {
    private static final Duration LONGEST = Duration.ofDays(365);

    private Codecs() {}

    /** A whole number; both ends belong to it. */
    public static Codec<Integer> whole(int least, int most) {
        return new Plain<>(
                new ParameterType.Whole(least, most), value -> ((Long) value).intValue(), Integer::longValue);
    }

    /** A whole number that may be great. */
    public static Codec<Long> wholeLong(long least, long most) {
        return new Plain<>(new ParameterType.Whole(least, most), value -> (Long) value, value -> value);
    }

    /** Any long, which a number of JSON can't be: a text. */
    public static Codec<Long> anyLong() {
        return new Plain<>(
                new ParameterType.Text("-?[0-9]{1,19}", "an integer in quotes"),
                0L,
                value -> Long.valueOf((String) value),
                String::valueOf);
    }

    /** A number. */
    public static Codec<Double> real(ParameterType.Real range) {
        return new Plain<>(range, value -> (Double) value, value -> value);
    }

    /** True or false. */
    static Codec<Boolean> flag() {
        return new Plain<>(new ParameterType.Flag(), value -> (Boolean) value, value -> value);
    }

    /** A text that follows a regular expression. */
    public static Codec<String> text(String form, String expected) {
        return text(new ParameterType.Text(form, expected));
    }

    /** A text or a word. */
    public static Codec<String> text(ParameterType type) {
        return new Plain<>(type, value -> (String) value, value -> value);
    }

    /** One of some words. */
    public static Codec<String> wordOf(List<String> words) {
        return text(new ParameterType.Word(words));
    }

    /** One of some values of an enum. */
    public static <E extends Enum<E>> Codec<E> word(List<E> values) {
        Map<String, E> byWord = words(values);
        return new Plain<>(
                new ParameterType.Word(List.copyOf(byWord.keySet())),
                value -> Objects.requireNonNull(byWord.get((String) value)),
                EnumWord::of);
    }

    private static <E extends Enum<E>> Map<String, E> words(List<E> values) {
        Map<String, E> byWord = new LinkedHashMap<>();
        values.forEach(value -> byWord.put(EnumWord.of(value), value));
        return byWord;
    }

    /** Values of an enum, each at most once, in the enum's order. */
    public static <E extends Enum<E>> Codec<List<E>> wordSet(Class<E> type) {
        Map<String, E> byWord = words(List.of(type.getEnumConstants()));
        return new Plain<>(
                new ParameterType.ListOf(new ParameterType.Word(List.copyOf(byWord.keySet())), 0, byWord.size()),
                value -> {
                    EnumMap<E, Boolean> chosen = new EnumMap<>(type);
                    for (Object word : (List<?>) value) {
                        if (chosen.put(Objects.requireNonNull(byWord.get((String) word)), true) != null) {
                            throw new IllegalArgumentException("'" + word + "' comes twice");
                        }
                    }
                    return List.copyOf(chosen.keySet());
                },
                values -> values.stream()
                        .map(value -> (Object) EnumWord.of(value))
                        .toList());
    }

    /** A list of whole numbers. */
    public static Codec<List<Integer>> wholes(int size, int least, int most) {
        return new Plain<>(
                new ParameterType.ListOf(new ParameterType.Whole(least, most), size, size),
                value -> ((List<?>) value)
                        .stream().map(item -> ((Long) item).intValue()).toList(),
                values -> values.stream().map(item -> (Object) item.longValue()).toList());
    }

    /** A list of texts or words, each at most once. */
    public static Codec<List<String>> distinct(ParameterType element) {
        return new Plain<>(
                new ParameterType.ListOf(element, 0, 1000),
                value -> {
                    List<String> list = ((List<?>) value)
                            .stream().map(item -> (String) item).toList();
                    list.stream()
                            .filter(word -> list.indexOf(word) != list.lastIndexOf(word))
                            .findFirst()
                            .ifPresent(word -> {
                                throw new IllegalArgumentException("'" + word + "' comes twice");
                            });
                    return list;
                },
                value -> value);
    }

    /** A duration: {@code 500ms}, {@code 60s}, {@code 5m}, {@code 2h}, {@code 1d} or ISO 8601; at most a year. */
    public static Codec<Duration> duration() {
        String expected = "a duration like 500ms, 60s, 5m or 2h";
        return new Plain<>(
                new ParameterType.Text(".*", expected),
                LONGEST,
                value -> {
                    Duration duration = Durations.parse((String) value)
                            .orElseThrow(() -> new IllegalArgumentException("expected " + expected));
                    if (duration.isNegative() || duration.isZero() || duration.compareTo(LONGEST) > 0) {
                        throw new IllegalArgumentException("must be longer than nothing and at most 365d");
                    }
                    return duration;
                },
                Duration::toString);
    }

    /** The name or the digest of something; in the record stands its digest. */
    public static Codec<String> digestOf(ParameterType.Reference.Kind kind) {
        ParameterType type = new ParameterType.Reference(kind);
        return new Plain<>(type, value -> (String) value, value -> value) {
            @Override
            public String read(SpecNode node, Reading at) {
                Optional<Object> name = PlainValue.read(type, node, at);
                return name.flatMap(known -> at.names().findDigest(kind, (String) known))
                        .orElse(harmless());
            }
        };
    }

    /** A path. Of a flag it begins at the working folder, else at the document's folder. */
    public static Codec<Path> path() {
        return new Paths(true);
    }

    /** A path that begins elsewhere, as another key says. Of a flag it begins at the working folder. */
    public static Codec<Path> pathBelow() {
        return new Paths(false);
    }

    /** A value, or nothing. */
    public static <T> Codec<@Nullable T> orNull(Codec<T> codec) {
        return new OrNull<>(codec, null);
    }

    /** A value, for which nothing means another one. */
    public static <T> Codec<T> orElse(Codec<T> codec, T otherwise) {
        return new OrNull<>(codec, otherwise);
    }

    /** An integer, or a word for one. */
    public static Codec<Integer> wholeOr(String word, int otherwise, int least, int most) {
        Codec<Integer> codec = whole(least, most);
        String expected = "an integer or '" + word + "'";
        return new Known<>(otherwise, expected, either(Map.of("const", word), codec.schema())) {
            @Override
            public Integer read(SpecNode node, Reading at) {
                if (node instanceof SpecNode.Scalar scalar && scalar.text().equals(word)) {
                    return otherwise;
                }
                boolean isInteger = node instanceof SpecNode.Scalar scalar
                        && PlainValue.integer(scalar).isPresent();
                return isInteger ? codec.read(node, at) : wrong(node, at);
            }

            @Override
            public Object write(Integer value) {
                return value == otherwise ? word : value.longValue();
            }
        };
    }

    /** A mapping of free form, as JSON has it; may be left out. */
    public static Codec<Map<String, @Nullable Object>> json() {
        return new Known<>(Map.of(), RecordCodec.EXPECTED, Map.of("type", "object")) {
            @Override
            public boolean refusesNull() {
                return false;
            }

            @Override
            public Map<String, @Nullable Object> read(SpecNode node, Reading at) {
                if (node instanceof SpecNode.Mapping mapping) {
                    return new JsonValues(at.problems()).map(mapping, at.path());
                }
                return node.isNull() ? harmless() : wrong(node, at);
            }
        };
    }

    /** Texts by keys of free form. */
    public static Codec<SortedMap<String, String>> textByKey() {
        return new Known<>(new TreeMap<>(), "a mapping of keys to texts", Map.of("type", "object")) {
            @Override
            public SortedMap<String, String> read(SpecNode node, Reading at) {
                SortedMap<String, String> texts = new TreeMap<>();
                json().read(node, at).forEach((key, value) -> texts.put(key, String.valueOf(value)));
                return texts;
            }
        };
    }

    /** A value that somebody else reads. */
    public static Codec<Object> unread(Map<String, Object> schema) {
        return new Known<>(Map.of(), "a value", schema) {
            @Override
            public Object read(SpecNode node, Reading at) {
                return node;
            }
        };
    }

    /** A list of records. */
    public static <R extends Record> Codec<List<R>> listOf(RecordCodec<R> items) {
        return new Records<>(items, null);
    }

    /**
     * A list of records with numbers that ascend. An item takes what it lacks from the default of its number, or of its place
     * where it has none.
     *
     * @param key of the number, an int
     */
    public static <R extends Record> Codec<List<R>> numbered(String key, RecordCodec<R> items) {
        return new Records<>(items, key);
    }

    /** What is said of values without a look at one. A value is written as it is. */
    private abstract static class Known<T> implements Codec<T> {
        private final T harmless;
        private final String expected;
        private final Map<String, Object> schema;

        Known(T harmless, String expected, Map<String, Object> schema) {
            this.harmless = harmless;
            this.expected = expected;
            this.schema = schema;
        }

        /** Tells that the value is of another kind. */
        T wrong(SpecNode node, Reading at) {
            at.expected(node, expected);
            return harmless;
        }

        @Override
        public Object write(T value) {
            return value;
        }

        @Override
        public T harmless() {
            return harmless;
        }

        @Override
        public String expected() {
            return expected;
        }

        @Override
        public Map<String, Object> schema() {
            return schema;
        }
    }

    /** A value of a {@link ParameterType}, and what Java makes of it. */
    private static class Plain<T> extends Known<T> {
        private final ParameterType type;
        private final Function<Object, T> of;
        private final Function<T, Object> plain;

        Plain(ParameterType type, Function<Object, T> of, Function<T, Object> plain) {
            this(type, of.apply(type.harmless()), of, plain);
        }

        Plain(ParameterType type, T harmless, Function<Object, T> of, Function<T, Object> plain) {
            super(harmless, type.expected(), type.schema());
            this.type = type;
            this.of = of;
            this.plain = plain;
        }

        @Override
        public T read(SpecNode node, Reading at) {
            try {
                return PlainValue.read(type, node, at).map(of).orElseGet(this::harmless);
            } catch (IllegalArgumentException e) {
                at.fault(node, e.getMessage() + ", was " + node.kind());
                return harmless();
            }
        }

        @Override
        public Object write(T value) {
            return plain.apply(value);
        }

        @Override
        public ParameterType parameterType() {
            return type;
        }
    }

    /** A value, or nothing, which means another value or null. */
    @SuppressWarnings("NullAway") // which takes no notice of a type argument that is nullable
    record OrNull<T>(Codec<T> codec, @Nullable T otherwise) implements Codec<@Nullable T> {
        @Override
        public boolean refusesNull() {
            return false;
        }

        @Override
        public @Nullable T read(SpecNode node, Reading at) {
            return node.isNull() ? otherwise : codec.read(node, at);
        }

        @Override
        public @Nullable Object write(@Nullable T value) {
            return value == null ? null : codec.write(value);
        }

        @Override
        public @Nullable Object identity(@Nullable T value) {
            return value == null ? null : codec.identity(value);
        }

        @Override
        public @Nullable T harmless() {
            return otherwise;
        }

        @Override
        public String expected() {
            return codec.expected();
        }

        @Override
        public Map<String, Object> schema() {
            return either(codec.schema(), Map.of("type", "null"));
        }

        @Override
        public @Nullable ParameterType parameterType() {
            return codec.parameterType();
        }
    }

    private static final class Paths extends Known<Path> {
        private final boolean isBelowFolder;

        Paths(boolean isBelowFolder) {
            super(Path.of("/"), "a path", Map.of("type", "string"));
            this.isBelowFolder = isBelowFolder;
        }

        @Override
        public Path read(SpecNode node, Reading at) {
            String text = node instanceof SpecNode.Scalar scalar && !scalar.isNull() ? scalar.text() : "";
            if (text.isBlank()) {
                return wrong(node, at);
            }
            if (text.chars().anyMatch(Character::isISOControl)) {
                at.fault(node, "a path has no control characters");
                return harmless();
            }
            if (node.place().origin() == Place.Origin.FLAG) {
                return at.workingFolder().resolve(text).toAbsolutePath().normalize();
            }
            return isBelowFolder ? at.folder().resolve(text).toAbsolutePath().normalize() : Path.of(text);
        }

        @Override
        public Object write(Path value) {
            return value.toString();
        }
    }

    /** A list of records. */
    record Records<R extends Record>(
            RecordCodec<R> items, @Nullable String key) implements Codec<List<R>> {
        @Override
        public List<R> read(SpecNode node, Reading at) {
            List<R> read = new ArrayList<>();
            if (!(node instanceof SpecNode.Sequence list)) {
                at.expected(node, expected());
                return harmless();
            }
            int before = 0;
            for (int i = 0; i < list.items().size(); i++) {
                SpecNode item = list.items().get(i);
                R own = items.read(item, at.item(i));
                if (own != null) {
                    read.add(own);
                    before = checkNumber(own, before, item, at.item(i));
                }
            }
            if (key != null && list.items().isEmpty()) {
                at.fault(node, "must not be empty");
                return harmless();
            }
            return read;
        }

        private int checkNumber(R own, int before, SpecNode item, Reading at) {
            if (key == null || !(items.value(own, key) instanceof Integer current)) {
                return before;
            }
            Reading below = at.below(key);
            if (current <= before && !at.problems().isAt(below.path())) {
                SpecNode place = item instanceof SpecNode.Mapping mapping
                        ? mapping.find(key).orElse(item)
                        : item;
                String fault = current == before ? " comes twice" : " comes after " + before;
                below.fault(place, key + " " + current + fault);
            }
            return current;
        }

        @Override
        public Object write(List<R> value) {
            return value.stream().map(items::write).toList();
        }

        @Override
        public Object identity(List<R> value) {
            return value.stream().map(items::identity).toList();
        }

        @Override
        public List<R> harmless() {
            R item = key == null ? null : items.harmless();
            return item == null ? List.of() : List.of(item);
        }

        @Override
        public String expected() {
            return "a list of mappings";
        }

        @Override
        public Map<String, Object> schema() {
            Map<String, Object> schema = new LinkedHashMap<>();
            schema.put("type", "array");
            schema.put("items", items.schema());
            return schema;
        }

        @Override
        public SpecNode over(SpecNode own, SpecNode defaults) {
            if (key == null
                    || !(own instanceof SpecNode.Sequence list)
                    || !(defaults instanceof SpecNode.Sequence base)) {
                return own;
            }
            List<SpecNode> completed = new ArrayList<>();
            for (SpecNode item : list.items()) {
                completed.add(
                        item instanceof SpecNode.Mapping mapping
                                        && !base.items().isEmpty()
                                ? items.over(item, defaultOf(mapping, base.items(), completed.size() + 1))
                                : item);
            }
            return new SpecNode.Sequence(list.place(), completed);
        }

        private SpecNode defaultOf(SpecNode.Mapping item, List<SpecNode> defaults, int place) {
            long wanted = item.find(String.valueOf(key))
                    .flatMap(node ->
                            node instanceof SpecNode.Scalar scalar ? PlainValue.integer(scalar) : Optional.empty())
                    .orElse((long) place);
            return defaults.get(Math.toIntExact(Math.max(1, Math.min(wanted, defaults.size()))) - 1);
        }
    }

    private static Map<String, Object> either(Map<String, Object> one, Map<String, Object> other) {
        return Map.of("anyOf", List.of(one, other));
    }
}
