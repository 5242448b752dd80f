package perdura.grids.codec;

import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A component of a record, and the key that it has in a document; or, {@linkplain #part several keys} of a record of its own.
 *
 * @param <R> the record
 * @param <T> the component
 */
public final class Field<R, T> {
    private final String name;
    private final @Nullable Codec<T> codec;
    private final @Nullable Part<T> part;
    private final Function<R, T> value;
    private final String meaning;
    private final String prefix;
    private final Traits traits;

    /** What a field may have besides. */
    private record Traits(
            @Nullable String formerName,
            @Nullable Object published,
            boolean decides,
            @Nullable String unless) {}

    private static final Traits PLAIN = new Traits(null, null, true, null);

    private Field(
            String name,
            @Nullable Codec<T> codec,
            @Nullable Part<T> part,
            Function<R, T> value,
            String meaning,
            String prefix,
            Traits traits) {
        this.name = name;
        this.codec = codec;
        this.part = part;
        this.value = value;
        this.meaning = meaning;
        this.prefix = prefix;
        this.traits = traits;
    }

    /**
     * A key.
     *
     * @param key the name of the record's component
     * @param meaning for people: a line of text
     */
    public static <R, T> Field<R, T> field(String key, Codec<T> codec, Function<R, T> value, String meaning) {
        return new Field<>(key, codec, null, value, meaning, "", PLAIN);
    }

    /**
     * Keys that stand beside the others of the mapping.
     *
     * @param name of the record's component
     */
    public static <R, T> Field<R, T> part(String name, Part<T> part, Function<R, T> value) {
        return new Field<>(name, null, part, value, "", "", PLAIN);
    }

    /** The same keys, each beginning with the component's name: {@code resnetWidth} for {@code width} of {@code resnet}. */
    public Field<R, T> prefixed() {
        return new Field<>(name, codec, part, value, meaning, name, traits);
    }

    /** The same key, which was called differently once: the old name is a fault that tells the new one. */
    public Field<R, T> formerly(String oldName) {
        return with(new Traits(oldName, traits.published, traits.decides, traits.unless));
    }

    /** The same key, with the value that the method's authors published: another one is a deviation. */
    public Field<R, T> published(Object plainValue) {
        return with(new Traits(traits.formerName, plainValue, traits.decides, traits.unless));
    }

    /** The same key, which does not decide what comes out, and so is not part of an identity. */
    public Field<R, T> decidesNothing() {
        return with(new Traits(traits.formerName, traits.published, false, traits.unless));
    }

    /** The same keys, which have no place, and are null in the record, where another one of the mapping is there. */
    public Field<R, T> unless(String otherKey) {
        return with(new Traits(traits.formerName, traits.published, traits.decides, otherKey));
    }

    private Field<R, T> with(Traits other) {
        return new Field<>(name, codec, part, value, meaning, prefix, other);
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
            return part.read(mapping, at, before + prefix);
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

    void write(R owner, String before, boolean isIdentity, Map<String, @Nullable Object> into) {
        T own = value.apply(owner);
        if ((isIdentity && !traits.decides) || (own == null && traits.unless != null)) {
            return;
        }
        if (part != null) {
            part.write(own, before + prefix, isIdentity, into);
        } else if (codec != null) {
            into.put(RecordCodec.join(before, name), isIdentity ? codec.identity(own) : codec.write(own));
        }
    }

    void eachKey(String before, BiConsumer<String, Field<?, ?>> action) {
        if (part != null) {
            part.eachField(
                    before + prefix,
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
