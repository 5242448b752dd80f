package perdura.grids.codec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Nearest;

/** One of several records, in a mapping whose key {@code kind} says which. The keys of the others mean nothing then. */
public final class Variants<T> implements Codec<T> {
    private static final String KIND = "kind";

    private final Map<String, Variant<? extends T>> byKind = new LinkedHashMap<>();

    private record Variant<V>(Class<V> type, Codec<V> codec, Part<V> part) {}

    /** Another kind. The first one stands in for what is wrong. */
    public <V extends Record> Variants<T> with(String kind, Class<V> type, RecordCodec<V> codec) {
        Variants<T> more = new Variants<>();
        more.byKind.putAll(byKind);
        // A V is a T wherever this is called; Java can't say so of a type that is a record too.
        @SuppressWarnings("unchecked")
        Variant<? extends T> variant = (Variant<? extends T>) (Variant<?>) new Variant<>(type, codec, codec);
        more.byKind.put(kind, variant);
        return more;
    }

    @Override
    public T read(SpecNode node, Reading at) {
        if (!(node instanceof SpecNode.Mapping mapping)) {
            at.fault(node, "expected " + expected() + ", was " + node.kind());
            return harmless();
        }
        Reading here = at.in(mapping);
        String kind = kind().read(mapping, here, "");
        Map<String, Field<?, ?>> known = keys();
        Variant<? extends T> chosen = byKind.get(String.valueOf(kind));
        if (chosen == null) {
            return harmless();
        }
        T read = chosen.part.read(mapping, here, "");
        Map<String, Field<?, ?>> own = new LinkedHashMap<>();
        chosen.part.eachField("", own::put);
        mapping.entries().forEach((key, entry) -> {
            boolean isWritten = !entry.value().isNull() && entry.value().place().origin() != Place.Origin.DEFAULTS;
            if (!known.containsKey(key)) {
                here.problems()
                        .add(
                                entry.keyPlace(),
                                here.below(key).path(),
                                "unknown key" + Nearest.suggestion(key, known.keySet()));
            } else if (isWritten && !key.equals(KIND) && !own.containsKey(key)) {
                here.below(key)
                        .fault(
                                entry.value(),
                                "means nothing where " + here.below(KIND).path() + " is " + kind + "; leave it out");
            }
        });
        return read;
    }

    private Field<T, String> kind() {
        return Field.field(KIND, Codecs.wordOf(List.copyOf(byKind.keySet())), this::kindOf, "which one");
    }

    private String kindOf(T value) {
        return byKind.entrySet().stream()
                .filter(entry -> entry.getValue().type.isInstance(value))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no kind of " + value))
                .getKey();
    }

    @Override
    public @Nullable Object write(T value) {
        String kind = kindOf(value);
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put(KIND, kind);
        write(byKind.get(kind), value, json);
        return json;
    }

    private static <V> void write(@Nullable Variant<V> variant, Object value, Map<String, @Nullable Object> into) {
        if (variant != null) {
            variant.part.write(variant.type.cast(value), "", false, into);
        }
    }

    /** The keys of all kinds. */
    Map<String, Field<?, ?>> keys() {
        Map<String, Field<?, ?>> keys = new LinkedHashMap<>();
        keys.put(KIND, kind());
        byKind.values().forEach(variant -> variant.part.eachField("", keys::putIfAbsent));
        return keys;
    }

    @Override
    public T harmless() {
        return byKind.values().iterator().next().codec.harmless();
    }

    @Override
    public String expected() {
        return "a mapping of keys to values";
    }

    @Override
    public Map<String, Object> schema() {
        Map<String, Object> properties = new LinkedHashMap<>();
        keys().forEach((key, field) -> properties.put(key, RecordCodec.schema(field)));
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("additionalProperties", false);
        schema.put("properties", properties);
        return schema;
    }
}
