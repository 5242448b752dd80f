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
    /** The second one has passwords. */
    static final int FORMAT = 2;

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
        return new StackState(FORMAT, newOwner, newEmbedded, parts);
    }

    /**
     * What the state file says of one part.
     *
     * @param process null while it does not run
     * @param port 0 for a part without one; kept while the part is down
     * @param uiPort 0 for a part without one; kept while the part is down
     * @param phase STARTING, READY, RESTARTING, STOPPED or UNAVAILABLE
     * @param detail its kind or what is wrong, for people
     * @param restarts how often it died and was started again since the stack came up
     */
    public record PartState(
            @Nullable ProcessRef process, int port, int uiPort, Phase phase, String detail, int restarts) {
        /** A part that has never run. */
        static final PartState NEW = new PartState(null, 0, 0, Phase.STOPPED, "", 0);

        /** How far a part is. */
        public enum Phase {
            STARTING,
            READY,
            RESTARTING,
            STOPPED,
            UNAVAILABLE
        }

        boolean isAlive() {
            return process != null && process.isAlive();
        }

        PartState withPorts(int newPort, int newUiPort) {
            return new PartState(process, newPort, newUiPort, phase, detail, restarts);
        }

        PartState as(Phase newPhase, String newDetail) {
            return new PartState(process, port, uiPort, newPhase, newDetail, restarts);
        }

        PartState running(ProcessRef newProcess, String newDetail) {
            return new PartState(newProcess, port, uiPort, Phase.STARTING, newDetail, restarts);
        }

        PartState restarting(String newDetail) {
            return new PartState(null, port, uiPort, Phase.RESTARTING, newDetail, restarts + 1);
        }

        PartState stopped() {
            return new PartState(null, port, uiPort, Phase.STOPPED, "", 0);
        }
    }
}
