package perdura.grids.codec;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ParameterType;

/** How the value of one key stands in a document. */
public interface Codec<T> {
    /** The value of a node. A wrong one is a problem, and {@link #harmless} stands in for it, so that reading goes on. */
    T read(SpecNode node, Reading at);

    /** The value as JSON has it. */
    @Nullable
    Object write(T value);

    /** As {@link #write}, with what decides a result alone. */
    default @Nullable Object identity(T value) {
        return write(value);
    }

    /** What stands in for a wrong value. */
    T harmless();

    /** What a value should be, for messages. */
    String expected();

    /** JSON Schema, draft 7. */
    Map<String, Object> schema();

    /** What values it takes, as a parameter of a task has them; null if none does. */
    default @Nullable ParameterType parameterType() {
        return null;
    }

    /** Whether nothing is a fault. */
    default boolean refusesNull() {
        return true;
    }

    /** The user's node, with what it lacks taken from the defaults. */
    default SpecNode over(SpecNode own, SpecNode defaults) {
        return SpecNode.joined(own, defaults);
    }
}
