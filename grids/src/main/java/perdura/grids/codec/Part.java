package perdura.grids.codec;

import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

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
