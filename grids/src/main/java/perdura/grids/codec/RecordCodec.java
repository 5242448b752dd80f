package perdura.grids.codec;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import perdura.grids.codec.Field.Part;
import perdura.grids.spec.FieldFault;
import perdura.grids.spec.Nearest;

/**
 * How a record stands in a document: one field for each component, in their order. The record is built by its canonical
 * constructor, through reflection, so that a field is named once; that the fields are the components is checked when this is made.
 */
public final class RecordCodec<R extends Record> implements Codec<R>, Part<R> {
    static final String EXPECTED = "a mapping of keys to values";

    private final Class<R> type;
    private final Map<String, String> header;
    private final List<Column> columns;
    private final Constructor<R> constructor;
    private final List<BiFunction<R, Fit, R>> rules;
    private final Map<String, Field<?>> keys = new LinkedHashMap<>();

    private record Column(Field<Object> field, Method accessor) {}

    private RecordCodec(
            Map<String, String> header,
            List<Column> columns,
            Constructor<R> constructor,
            List<BiFunction<R, Fit, R>> rules) {
        this.type = constructor.getDeclaringClass();
        this.header = header;
        this.columns = columns;
        this.constructor = constructor;
        this.rules = rules;
        eachField("", (key, field) -> {
            if (keys.put(key, field) != null || header.containsKey(key)) {
                throw new IllegalArgumentException("the key '" + key + "' is declared twice");
            }
        });
    }

    /** @throws IllegalArgumentException if the fields are not the record's components, or two stand at one key */
    @SuppressWarnings("unchecked") // each field is held against the type of its component
    public static <R extends Record> RecordCodec<R> of(Class<R> type, Field<?>... fieldsInOrder) {
        RecordComponent[] components = type.getRecordComponents();
        List<String> names =
                Arrays.stream(components).map(RecordComponent::getName).toList();
        List<String> declared =
                Arrays.stream(fieldsInOrder).<String>map(Field::name).toList();
        if (!names.equals(declared)) {
            throw new IllegalArgumentException(
                    type.getSimpleName() + " has the components " + names + ", and the fields " + declared);
        }
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < components.length; i++) {
            Field<?> field = fieldsInOrder[i].of(components[i].getType());
            columns.add(new Column((Field<Object>) field, components[i].getAccessor()));
        }
        try {
            Constructor<R> constructor = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            constructor.setAccessible(true); // of a record that only its own package sees, as are its accessors
            columns.forEach(column -> column.accessor.setAccessible(true));
            return new RecordCodec<>(Map.of(), columns, constructor, List.of());
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("every record has a canonical constructor", e);
        }
    }

    Class<R> type() {
        return type;
    }

    /** The same, in mappings in which a key has always this value. */
    public RecordCodec<R> headed(String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(header);
        more.put(key, value);
        return new RecordCodec<>(more, columns, constructor, rules);
    }

    /** The same, with a rule over several fields, which returns the record that it makes of one. */
    public RecordCodec<R> then(BiFunction<R, Fit, R> rule) {
        List<BiFunction<R, Fit, R>> more = new ArrayList<>(rules);
        more.add(rule);
        return new RecordCodec<>(header, columns, constructor, List.copyOf(more));
    }

    /** The same, with a check over several fields. */
    public RecordCodec<R> check(BiConsumer<R, Fit> rule) {
        return then((read, fit) -> {
            rule.accept(read, fit);
            return read;
        });
    }

    @Override
    public R read(SpecNode node, Reading at) {
        if (!(node instanceof SpecNode.Mapping mapping)) {
            at.expected(node, EXPECTED);
            return harmless();
        }
        Reading here = at.in(mapping);
        header.forEach((key, value) -> readHeader(mapping, here.below(key), key, value));
        R read = read(mapping, here, "");
        refuseOthers(mapping, here, keys, header.keySet());
        return read;
    }

    static void refuseOthers(SpecNode.Mapping mapping, Reading at, Map<String, Field<?>> keys, Set<String> others) {
        mapping.entries().forEach((key, entry) -> {
            boolean isFormer = keys.values().stream().anyMatch(field -> key.equals(field.formerName()));
            if (!keys.containsKey(key) && !others.contains(key) && !isFormer) {
                String fault = "unknown key" + Nearest.suggestion(key, keys.keySet());
                at.problems().add(entry.keyPlace(), at.below(key).path(), fault);
            }
        });
    }

    private static void readHeader(SpecNode.Mapping mapping, Reading at, String key, String value) {
        SpecNode.Mapping.Entry entry = mapping.entries().get(key);
        if (entry == null) {
            at.missing(value);
        } else if (!(entry.value() instanceof SpecNode.Scalar scalar)
                || !scalar.text().equals(value)) {
            at.expected(entry.value(), value);
        }
    }

    @Override
    @SuppressWarnings("NullAway") // null stands in for a record that can't be built, of which the problems tell
    public R read(SpecNode.Mapping mapping, Reading at, String prefix) {
        int faults = at.problems().count();
        Object[] values = columns.stream()
                .map(column -> column.field.read(mapping, at, prefix))
                .toArray();
        Fit fit = new Fit(mapping, at, prefix);
        R read;
        try {
            read = build(values);
        } catch (FieldFault e) {
            fit.requireFit(false, e.key(), e.otherKey(), String.valueOf(e.getMessage()));
            return null;
        } catch (RuntimeException e) {
            if (at.problems().count() == faults) {
                at.fault(mapping, String.valueOf(e.getMessage()));
            }
            return null;
        }
        for (BiFunction<R, Fit, R> rule : rules) {
            read = rule.apply(read, fit);
        }
        return read;
    }

    private R build(Object[] values) {
        try {
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw unchecked(e);
        }
    }

    /** The value of a component. */
    @Nullable
    Object value(Record owner, String name) {
        return columns.stream()
                .filter(column -> column.field.name().equals(name))
                .findFirst()
                .map(column -> value(owner, column))
                .orElse(null);
    }

    private static Object value(Record owner, Column column) {
        try {
            return column.accessor.invoke(owner);
        } catch (ReflectiveOperationException e) {
            throw unchecked(e);
        }
    }

    private static RuntimeException unchecked(ReflectiveOperationException e) {
        return e.getCause() instanceof RuntimeException cause
                ? cause
                : new IllegalStateException("a record can't be built or read", e);
    }

    @Override
    public @Nullable Object write(R value) {
        return written(value, false);
    }

    @Override
    public @Nullable Object identity(R value) {
        return written(value, true);
    }

    /** The record as JSON, by key. */
    public Map<String, @Nullable Object> written(R value, boolean isIdentity) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>(isIdentity ? Map.of() : header);
        write(value, "", isIdentity, json);
        return json;
    }

    @Override
    public void write(R value, String prefix, boolean isIdentity, Map<String, @Nullable Object> into) {
        columns.forEach(column -> column.field.write(value(value, column), prefix, isIdentity, into));
    }

    @Override
    public void eachField(String prefix, BiConsumer<String, Field<?>> action) {
        columns.forEach(column -> column.field.eachKey(prefix, action));
    }

    /** Every key with its field, in order. */
    Map<String, Field<?>> keys() {
        return keys;
    }

    @Override
    @SuppressWarnings("NullAway") // as in read
    public R harmless() {
        try {
            return build(columns.stream().map(column -> column.field.harmless()).toArray());
        } catch (RuntimeException e) {
            return null;
        }
    }

    @Override
    public String expected() {
        return EXPECTED;
    }

    @Override
    public Map<String, Object> schema() {
        return schema(header, keys);
    }

    static Map<String, Object> schema(Map<String, String> header, Map<String, Field<?>> keys) {
        Map<String, Object> properties = new LinkedHashMap<>();
        header.forEach((key, value) -> properties.put(key, Map.of("const", value)));
        keys.forEach((key, field) -> properties.put(key, field.schema()));
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("additionalProperties", false);
        schema.put("properties", properties);
        return schema;
    }

    @Override
    public SpecNode over(SpecNode own, SpecNode defaults) {
        if (!(defaults instanceof SpecNode.Mapping base) || !(own instanceof SpecNode.Mapping mapping)) {
            return own.isNull() ? defaults : own;
        }
        Map<String, SpecNode.Mapping.Entry> joined = new LinkedHashMap<>(base.entries());
        mapping.entries().forEach((key, entry) -> {
            SpecNode.Mapping.Entry below = base.entries().get(key);
            Field<?> field = keys.get(key);
            if (below == null) {
                joined.put(key, entry);
            } else {
                Codec<?> codec = field == null ? null : field.codec();
                SpecNode value = codec == null
                        ? SpecNode.joined(entry.value(), below.value())
                        : codec.over(entry.value(), below.value());
                joined.put(key, new SpecNode.Mapping.Entry(entry.keyPlace(), value));
            }
        });
        return new SpecNode.Mapping(mapping.place(), joined);
    }

    static String join(String prefix, String name) {
        return prefix.isEmpty() ? name : prefix + Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    /** What a rule over several fields asks and tells. */
    public static final class Fit {
        private final SpecNode.Mapping mapping;
        private final Reading at;
        private final String prefix;

        private Fit(SpecNode.Mapping mapping, Reading at, String prefix) {
            this.mapping = mapping;
            this.at = at;
            this.prefix = prefix;
        }

        /** The key of a field. */
        public String key(String name) {
            return join(prefix, name);
        }

        /** Tells a fault of a field, unless the condition holds or the field has a fault already. */
        public void require(boolean holds, String name, String fault) {
            if (!holds && isRight(name)) {
                at.problems().add(place(name), path(name), fault);
            }
        }

        /** As {@link #require(boolean, String, String)}, of a field of the record that stands in a field. */
        public void require(boolean holds, String name, String below, String fault) {
            String path = at.below(key(name)).below(below).path();
            if (!holds && !at.problems().isAt(path)) {
                at.problems()
                        .add(mapping.find(key(name), below).map(SpecNode::place).orElse(at.home()), path, fault);
            }
        }

        /**
         * Requires that a number divides another one, as heads do the width of what they attend to.
         *
         * @param otherName the field that the other number comes from
         * @param formula how it comes from there, for messages
         */
        public void divides(String name, int value, String otherName, String formula, int other) {
            requireFit(
                    value > 0 && other % value == 0,
                    name,
                    otherName,
                    "must divide " + formula + " = " + other + ", was " + value);
        }

        /** As {@link #require}, of a value that does not fit another one: the place is that of the one that the user wrote. */
        public void requireFit(boolean holds, String name, String otherName, String fault) {
            if (!holds && isRight(name) && isRight(otherName)) {
                at.problems().add(place(isWritten(name) ? name : otherName), path(name), fault);
            }
        }

        /** Whether the user wrote a value, one key below another; a default is not written. */
        public boolean isWritten(String... names) {
            String[] keys = names.clone();
            keys[0] = key(keys[0]);
            return mapping.find(keys)
                    .filter(node -> node.place().origin() != Place.Origin.DEFAULTS)
                    .isPresent();
        }

        /** Whether a field has no fault. */
        public boolean isRight(String name) {
            return !at.problems().isAt(path(name));
        }

        private String path(String name) {
            return at.below(key(name)).path();
        }

        private Place place(String name) {
            return mapping.find(key(name)).map(SpecNode::place).orElse(at.home());
        }
    }
}
