package perdura.cli.stack;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the file {@code stack.json} says.
 *
 * @param format version of the file's format
 * @param owner the process that supervises the parts; null when the stack is down
 * @param embedded whether Temporal is the embedded test service, whose memory ends with it
 */
public record StackState(int format, @Nullable ProcessRef owner, boolean embedded, Map<PartName, PartState> parts) {
    static final int FORMAT = 1;
    static final StackState EMPTY = new StackState(FORMAT, null, false, Map.of());

    public StackState {
        Map<PartName, PartState> copy = new EnumMap<>(PartName.class);
        copy.putAll(parts);
        parts = Collections.unmodifiableMap(copy);
    }

    public PartState part(PartName name) {
        return parts.getOrDefault(name, PartState.NEW);
    }

    /** Whether a living process supervises the parts. */
    public boolean isOwned() {
        return owner != null && owner.isAlive();
    }

    /** Whether any process of the stack lives, supervised or not. */
    public boolean isAnythingAlive() {
        return isOwned() || parts.values().stream().anyMatch(PartState::isAlive);
    }

    StackState with(PartName name, PartState state) {
        Map<PartName, PartState> changed = new EnumMap<>(PartName.class);
        changed.putAll(parts);
        changed.put(name, state);
        return new StackState(format, owner, embedded, changed);
    }

    StackState ownedBy(@Nullable ProcessRef newOwner, boolean newEmbedded) {
        return new StackState(format, newOwner, newEmbedded, parts);
    }
}
