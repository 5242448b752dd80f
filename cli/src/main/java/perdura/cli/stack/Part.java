package perdura.cli.stack;

import java.time.Duration;
import perdura.cli.stack.StackState.PartState;

/** One server or worker of the local stack: how it starts, when it is ready, how it stops. */
interface Part {
    PartName name();

    /** How long a start may take before it counts as failed. */
    Duration patience();

    /**
     * Brings about what a start needs. May take long (it may have to be built), and tells about that.
     *
     * @throws UnavailablePartException if it can't run on this machine, so that trying again is useless
     */
    default void prepare(Progress progress) throws InterruptedException, UnavailablePartException {}

    /**
     * Starts it, prepared.
     *
     * @param ports where it is to listen
     * @throws UnavailablePartException if it can't run on this machine, so that trying again is useless
     */
    Started start(PartState ports, Progress progress) throws InterruptedException, UnavailablePartException;

    /** Whether it serves. Also does what must be done before others may use it. */
    boolean isReady(PartState state);

    /** Asks it to end in order; a worker commits at its next step boundary. */
    default void requestStop(ProcessHandle process) {
        process.destroy();
    }

    /** How long an orderly end may take before it is killed. */
    Duration stopPatience();

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
    final class UnavailablePartException extends Exception {
        private static final long serialVersionUID = 1L;

        UnavailablePartException(String message) {
            super(message);
        }
    }

    /** Gives back what this process itself holds for a part that has ended. */
    default void release() {}
}
