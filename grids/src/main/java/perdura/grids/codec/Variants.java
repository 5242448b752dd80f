package perdura.grids.codec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One of several records, in a mapping whose key {@code kind} says which. The keys of the others mean nothing then. */
public final class Variants<T> implements Codec<T> {
    private static final String KIND = "kind";

    private final Map<String, RecordCodec<?>> byKind = new LinkedHashMap<>();

    /** Another kind, whose record is a {@code T}. The first one stands in for what is wrong. */
    public Variants<T> with(String kind, RecordCodec<?> codec) {
        Variants<T> more = new Variants<>();
        more.byKind.putAll(byKind);
        more.byKind.put(kind, codec);
        return more;
    }

    @Override
    @SuppressWarnings("unchecked") // the records of the kinds are all T
    public T read(SpecNode node, Reading at) {
        if (!(node instanceof SpecNode.Mapping mapping)) {
            at.expected(node, expected());
            return harmless();
        }
        Reading here = at.in(mapping);
        String kind = String.valueOf(kind().read(mapping, here, ""));
        RecordCodec<?> chosen = byKind.get(kind);
        if (chosen == null) {
            return harmless();
        }
        T read = (T) chosen.read(mapping, here, "");
        Map<String, Field<?>> known = keys();
        RecordCodec.refuseOthers(mapping, here, known, Set.of());
        mapping.entries().forEach((key, entry) -> {
            if (entry.value().isWritten()
                    && known.containsKey(key)
                    && !key.equals(KIND)
                    && !chosen.keys().containsKey(key)) {
                String choice = here.below(KIND).path() + " is " + kind;
                here.below(key).fault(entry.value(), "means nothing where " + choice + "; leave it out");
            }
        });
        return read;
    }

    private Field<String> kind() {
        return Field.field(KIND, Codecs.wordOf(List.copyOf(byKind.keySet()))).means("which one");
    }

    @Override
    public Object write(T value) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        byKind.forEach((kind, codec) -> write(kind, codec, value, json));
        return json;
    }

    private static <R extends Record> void write(
            String kind, RecordCodec<R> codec, Object value, Map<String, @Nullable Object> into) {
        if (codec.type().isInstance(value)) {
            into.put(KIND, kind);
            codec.write(codec.type().cast(value), "", false, into);
        }
    }

    /** The keys of all kinds. */
    Map<String, Field<?>> keys() {
        Map<String, Field<?>> keys = new LinkedHashMap<>();
        keys.put(KIND, kind());
        byKind.values().forEach(codec -> codec.keys().forEach(keys::putIfAbsent));
        return keys;
    }

    @Override
    @SuppressWarnings("unchecked") // as in read
    public T harmless() {
        return (T) byKind.values().iterator().next().harmless();
    }

    @Override
    public String expected() {
        return RecordCodec.EXPECTED;
    }

    @Override
    public Map<String, Object> schema() {
        return RecordCodec.schema(Map.of(), keys());
    }
}
