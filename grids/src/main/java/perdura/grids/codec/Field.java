package perdura.grids.codec;

import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A component of a record, and the key that it has in a document; or, {@linkplain #part several keys} of a record of its own.
 *
 * @param <T> the component
 */
public final class Field<T> {
    private final String name;
    /** Null for several keys, and until the component's type says it. */
    private @Nullable Codec<T> codec;

    private final @Nullable Part<T> part;
    private String meaning = "";
    private String prefix = "";
    private @Nullable String formerName;
    private @Nullable Object published;
    private boolean decides = true;
    private boolean isReplicate;
    private @Nullable String otherKey;

    private Field(String name, @Nullable Codec<T> codec, @Nullable Part<T> part) {
        this.name = name;
        this.codec = codec;
        this.part = part;
    }

    /** A copy with a change, which is the last one that is made to it. */
    private Field<T> with(Consumer<Field<T>> change) {
        Field<T> copy = new Field<>(name, codec, part);
        copy.meaning = meaning;
        copy.prefix = prefix;
        copy.formerName = formerName;
        copy.published = published;
        copy.decides = decides;
        copy.isReplicate = isReplicate;
        copy.otherKey = otherKey;
        change.accept(copy);
        return copy;
    }

    /**
     * A key.
     *
     * @param key the name of the record's component
     */
    public static <T> Field<T> field(String key, Codec<T> codec) {
        return new Field<>(key, codec, null);
    }

    /** A key of a component that is true or false, or one value of an enum. */
    public static Field<?> field(String key) {
        return new Field<>(key, null, null);
    }

    /**
     * Keys that stand beside the others of the mapping.
     *
     * @param name of the record's component
     */
    public static <T> Field<T> part(String name, Part<T> part) {
        return new Field<>(name, null, part);
    }

    /** The same key, and what it means, for people: a line of text. */
    public Field<T> means(String text) {
        return with(copy -> copy.meaning = text);
    }

    /** The same keys, each beginning with the component's name: {@code resnetWidth} for {@code width} of {@code resnet}. */
    public Field<T> prefixed() {
        return with(copy -> copy.prefix = name);
    }

    /** The same key, which was called differently once: the old name is a fault that tells the new one. */
    public Field<T> formerly(String oldName) {
        return with(copy -> copy.formerName = oldName);
    }

    /** The same key, with the value that the method's authors published: another one is a deviation. */
    public Field<T> published(Object plainValue) {
        return with(copy -> copy.published = plainValue);
    }

    /** The same key, which does not decide what comes out, and so is not part of an identity. */
    public Field<T> decidesNothing() {
        return with(copy -> copy.decides = false);
    }

    /** The same key, whose values repeat one experiment, as those of a seed do. */
    public Field<T> replicate() {
        return with(copy -> copy.isReplicate = true);
    }

    /** The same keys, which have no place, and are null in the record, where another one of the mapping is there. */
    public Field<T> unless(String other) {
        return with(copy -> copy.otherKey = other);
    }

    /**
     * The same field of a component of this type, which says the codec of one that has none.
     *
     * @throws IllegalArgumentException if the field reads values of another type, or is a key and says not what it means
     */
    @SuppressWarnings({"unchecked", "rawtypes"}) // the constants of an enum are of its type
    Field<?> of(Class<?> type) {
        if (part == null && meaning.isEmpty()) {
            throw new IllegalArgumentException("the key " + name + " does not say what it means");
        }
        if (codec == null && part == null) {
            if (type != boolean.class && !type.isEnum()) {
                throw new IllegalArgumentException("the key " + name + " does not say how " + type + " is read");
            }
            Codec<?> own =
                    type == boolean.class ? Codecs.flag() : Codecs.word((List) Arrays.asList(type.getEnumConstants()));
            return with(copy -> copy.codec = (Codec<T>) own);
        }
        Codec<?> own = codec instanceof Codecs.OrNull<?> nullable ? nullable.codec() : codec;
        Object example = own == null ? null : own.harmless();
        if (example != null && !MethodType.methodType(type).wrap().returnType().isInstance(example)) {
            throw new IllegalArgumentException(
                    "the component " + name + " is of " + type + ", not of " + example.getClass());
        }
        return this;
    }

    String name() {
        return name;
    }

    /** @return null for several keys */
    @Nullable
    Codec<T> codec() {
        return codec;
    }

    String meaning() {
        return meaning;
    }

    /** What stands in for a wrong value; null for several keys. */
    @Nullable
    T harmless() {
        return codec == null ? null : codec.harmless();
    }

    /** JSON Schema, draft 7. */
    Map<String, Object> schema() {
        Map<String, Object> schema = new LinkedHashMap<>(codec == null ? Map.of() : codec.schema());
        if ("object".equals(schema.get("type"))) {
            schema.put("type", List.of("object", "null")); // nothing means the defaults
        }
        schema.put("description", meaning);
        return schema;
    }

    @Nullable
    Object published() {
        return published;
    }

    boolean decides() {
        return decides;
    }

    boolean isReplicate() {
        return isReplicate;
    }

    @Nullable
    String formerName() {
        return formerName;
    }

    @Nullable
    T read(SpecNode.Mapping mapping, Reading at, String before) {
        if (otherKey != null && isThere(mapping, otherKey)) {
            refuse(mapping, at, before);
            return null;
        }
        if (part != null) {
            return part.read(mapping, at, before + prefix);
        }
        Codec<T> own = Objects.requireNonNull(codec);
        String key = RecordCodec.join(before, name);
        Reading below = at.below(key);
        String former = formerName;
        SpecNode.Mapping.Entry old = former == null ? null : mapping.entries().get(RecordCodec.join(before, former));
        if (former != null && old != null) {
            at.problems().add(old.keyPlace(), at.below(former).path(), "is called " + key + " now; write that");
        }
        SpecNode.Mapping.Entry entry = mapping.entries().get(key);
        if (entry == null && !own.refusesNull()) {
            return own.harmless();
        }
        boolean isLeftOut = entry == null
                || (entry.value().isNull()
                        && entry.value().place().origin() == Place.Origin.DEFAULTS
                        && own.refusesNull());
        if (isLeftOut) {
            below.missing(own.expected());
            return own.harmless();
        }
        return own.read(Objects.requireNonNull(entry).value(), below);
    }

    /** @param own the component's value; null where it may be */
    void write(T own, String before, boolean isIdentity, Map<String, @Nullable Object> into) {
        if ((isIdentity && !decides) || (own == null && otherKey != null)) {
            return;
        }
        if (part != null) {
            part.write(own, before + prefix, isIdentity, into);
        } else if (codec != null) {
            into.put(RecordCodec.join(before, name), isIdentity ? codec.identity(own) : codec.write(own));
        }
    }

    void eachKey(String before, BiConsumer<String, Field<?>> action) {
        if (part != null) {
            part.eachField(
                    before + prefix, (key, field) -> action.accept(key, decides ? field : field.decidesNothing()));
        } else {
            action.accept(RecordCodec.join(before, name), this);
        }
    }

    private void refuse(SpecNode.Mapping mapping, Reading at, String before) {
        String fault =
                "can't stand beside " + at.below(String.valueOf(otherKey)).path() + "; leave one of the two out";
        eachKey(
                before,
                (key, field) -> mapping.find(key)
                        .filter(SpecNode::isWritten)
                        .ifPresent(node -> at.below(key).fault(node, fault)));
    }

    private static boolean isThere(SpecNode.Mapping mapping, String key) {
        return mapping.find(key).filter(node -> !node.isNull()).isPresent();
    }

    /** What stands in several keys of a mapping, beside others: a record of its own, for readers of the code. */
    public interface Part<T> {
        /**
         * Reads its keys.
         *
         * @param prefix what the keys begin with; empty for none
         */
        T read(SpecNode.Mapping mapping, Reading at, String prefix);

        /** Writes its keys. */
        void write(T value, String prefix, boolean isIdentity, Map<String, @Nullable Object> into);

        /** Its keys, each with the field that stands there. */
        void eachField(String prefix, BiConsumer<String, Field<?>> action);
    }
}
