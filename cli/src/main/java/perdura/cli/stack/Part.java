package perdura.cli.stack;

import java.time.Duration;
import perdura.cli.stack.StackState.PartState;

/** One server or worker of the local stack: how it starts, when it is ready, how it stops. */
abstract class Part {
    private final PartName name;
    private final Duration patience;
    private final Duration stopPatience;

    /**
     * A part.
     *
     * @param patience how long a start may take before it counts as failed
     * @param stopPatience how long an orderly end may take before it is killed
     */
    Part(PartName name, Duration patience, Duration stopPatience) {
        this.name = name;
        this.patience = patience;
        this.stopPatience = stopPatience;
    }

    final PartName name() {
        return name;
    }

    final Duration patience() {
        return patience;
    }

    final Duration stopPatience() {
        return stopPatience;
    }

    /**
     * Brings about what a start needs. May take long (it may have to be built), and tells about that.
     *
     * @throws UnavailablePartException if it can't run on this machine, so that trying again is useless
     */
    void prepare(Progress progress) throws InterruptedException, UnavailablePartException {}

    /**
     * Starts it, prepared.
     *
     * @param ports where it is to listen
     * @throws UnavailablePartException if it can't run on this machine, so that trying again is useless
     */
    abstract Started start(PartState ports, Progress progress) throws InterruptedException, UnavailablePartException;

    /** Whether it serves. Also does what must be done before others may use it. */
    abstract boolean isReady(PartState state);

    /** Asks it to end in order; a worker commits at its next step boundary. */
    void requestStop(ProcessHandle process) {
        process.destroy();
    }

    /**
     * What a start gives.
     *
     * @param detail its kind, for people
     */
    record Started(ProcessRef process, String detail) {}

    /** Hears what a long start is busy with. */
    @FunctionalInterface
    interface Progress {
        void report(String what);
    }

    /** Says why a part can't run on this machine, and what to do. */
    static final class UnavailablePartException extends Exception {
        private static final long serialVersionUID = 1L;

        UnavailablePartException(String message) {
            super(message);
        }
    }
}
