package perdura.grids.codec;

import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A component of a record, and the key that it has in a document; or, {@linkplain #part several keys} of a record of its own.
 *
 * @param <T> the component
 */
public final class Field<T> {
    private final String name;
    /** Null for several keys, and until the component's type says it. */
    private final @Nullable Codec<T> codec;

    private final @Nullable Part<T> part;
    private final Traits traits;

    /** What a field may have besides. */
    private record Traits(
            String meaning,
            String prefix,
            @Nullable String formerName,
            @Nullable Object published,
            boolean decides,
            @Nullable String unless) {}

    private static final Traits PLAIN = new Traits("", "", null, null, true, null);

    private Field(String name, @Nullable Codec<T> codec, @Nullable Part<T> part, Traits traits) {
        this.name = name;
        this.codec = codec;
        this.part = part;
        this.traits = traits;
    }

    /**
     * A key.
     *
     * @param key the name of the record's component
     */
    public static <T> Field<T> field(String key, Codec<T> codec) {
        return new Field<>(key, codec, null, PLAIN);
    }

    /** A key of a component that is true or false, or one value of an enum. */
    public static Field<?> field(String key) {
        return new Field<>(key, null, null, PLAIN);
    }

    /**
     * Keys that stand beside the others of the mapping.
     *
     * @param name of the record's component
     */
    public static <T> Field<T> part(String name, Part<T> part) {
        return new Field<>(name, null, part, PLAIN);
    }

    /** The same key, and what it means, for people: a line of text. */
    public Field<T> means(String text) {
        return with(
                new Traits(text, traits.prefix, traits.formerName, traits.published, traits.decides, traits.unless));
    }

    /** The same keys, each beginning with the component's name: {@code resnetWidth} for {@code width} of {@code resnet}. */
    public Field<T> prefixed() {
        return with(
                new Traits(traits.meaning, name, traits.formerName, traits.published, traits.decides, traits.unless));
    }

    /** The same key, which was called differently once: the old name is a fault that tells the new one. */
    public Field<T> formerly(String oldName) {
        return with(
                new Traits(traits.meaning, traits.prefix, oldName, traits.published, traits.decides, traits.unless));
    }

    /** The same key, with the value that the method's authors published: another one is a deviation. */
    public Field<T> published(Object plainValue) {
        return with(new Traits(
                traits.meaning, traits.prefix, traits.formerName, plainValue, traits.decides, traits.unless));
    }

    /** The same key, which does not decide what comes out, and so is not part of an identity. */
    public Field<T> decidesNothing() {
        return with(
                new Traits(traits.meaning, traits.prefix, traits.formerName, traits.published, false, traits.unless));
    }

    /** The same keys, which have no place, and are null in the record, where another one of the mapping is there. */
    public Field<T> unless(String otherKey) {
        return with(new Traits(
                traits.meaning, traits.prefix, traits.formerName, traits.published, traits.decides, otherKey));
    }

    private Field<T> with(Traits other) {
        return new Field<>(name, codec, part, other);
    }

    /**
     * The same field of a component of this type, which says the codec of one that has none.
     *
     * @throws IllegalArgumentException if the field reads values of another type, or is a key and says not what it means
     */
    @SuppressWarnings({"unchecked", "rawtypes"}) // the constants of an enum are of its type
    Field<?> of(Class<?> type) {
        if (part == null && traits.meaning.isEmpty()) {
            throw new IllegalArgumentException("the key " + name + " does not say what it means");
        }
        if (codec == null && part == null) {
            Codec<?> own =
                    type == boolean.class ? Codecs.flag() : Codecs.word((List) Arrays.asList(type.getEnumConstants()));
            return new Field<>(name, own, null, traits);
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
        return traits.meaning;
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
        schema.put("description", traits.meaning);
        return schema;
    }

    @Nullable
    Object published() {
        return traits.published;
    }

    boolean decides() {
        return traits.decides;
    }

    @Nullable
    String formerName() {
        return traits.formerName;
    }

    @Nullable
    T read(SpecNode.Mapping mapping, Reading at, String before) {
        if (traits.unless != null && isThere(mapping, traits.unless)) {
            refuse(mapping, at, before);
            return null;
        }
        if (part != null) {
            return part.read(mapping, at, before + traits.prefix);
        }
        Codec<T> own = Objects.requireNonNull(codec);
        String key = RecordCodec.join(before, name);
        Reading below = at.below(key);
        String former = traits.formerName;
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

    /** @param own the component's value */
    void write(@Nullable T own, String before, boolean isIdentity, Map<String, @Nullable Object> into) {
        if ((isIdentity && !traits.decides) || (own == null && traits.unless != null)) {
            return;
        }
        if (part != null) {
            part.write(own, before + traits.prefix, isIdentity, into);
        } else if (codec != null) {
            into.put(RecordCodec.join(before, name), isIdentity ? codec.identity(own) : codec.write(own));
        }
    }

    void eachKey(String before, BiConsumer<String, Field<?>> action) {
        if (part != null) {
            part.eachField(
                    before + traits.prefix,
                    (key, field) -> action.accept(key, traits.decides ? field : field.decidesNothing()));
        } else {
            action.accept(RecordCodec.join(before, name), this);
        }
    }

    private void refuse(SpecNode.Mapping mapping, Reading at, String before) {
        eachKey(before, (key, field) -> {
            SpecNode.Mapping.Entry entry = mapping.entries().get(key);
            if (entry != null
                    && !entry.value().isNull()
                    && entry.value().place().origin() != Place.Origin.DEFAULTS) {
                at.below(key)
                        .fault(
                                entry.value(),
                                "can't stand beside "
                                        + at.below(String.valueOf(traits.unless))
                                                .path() + "; leave one of the two out");
            }
        });
    }

    private static boolean isThere(SpecNode.Mapping mapping, String key) {
        SpecNode.Mapping.Entry entry = mapping.entries().get(key);
        return entry != null && !entry.value().isNull();
    }
}
