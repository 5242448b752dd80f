package perdura.cli.stack;

import org.jspecify.annotations.Nullable;

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
public record PartState(@Nullable ProcessRef process, int port, int uiPort, Phase phase, String detail, int restarts) {
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
