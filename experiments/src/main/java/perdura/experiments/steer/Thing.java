package perdura.experiments.steer;

import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a command was given by its name, as it stands now.
 *
 * @param id by which commands take it: of a run, of a sweep, or the name of an ingest
 * @param state one of its kind's
 * @param sweep by which a trial is steered; null for other kinds
 * @param failedTrials of a sweep
 * @param detail of a sweep that is {@link State#SPENT}: why; of an ingest: the command that comes back to it
 */
public record Thing(
        String id, Kind kind, State state, @Nullable Thing sweep, long failedTrials, String detail) {
    public Thing {
        if (!kind.states().contains(state)) {
            throw new IllegalArgumentException("a " + kind.words() + " is never " + state);
        }
        if ((sweep != null) != (kind == Kind.TRIAL)) {
            throw new IllegalArgumentException("a trial, and nothing else, has a sweep: " + id);
        }
    }

    /** The same in another state. */
    Thing in(State other, String why) {
        return new Thing(id, kind, other, sweep, failedTrials, why);
    }

    /** Of a trial. */
    public Thing ownSweep() {
        return Objects.requireNonNull(sweep);
    }

    /** What it is and how it is called: {@code Sweep probe-1}. */
    public String title() {
        String words = kind.words();
        return Character.toUpperCase(words.charAt(0)) + words.substring(1) + " " + id;
    }

    /** What there is. */
    public enum Kind {
        PRETRAINING("pre-training"),
        TRIAL("trial"),
        SWEEP("sweep"),
        INGEST("ingest");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }

        /** Those in which such a thing may be, in one order. */
        public Set<State> states() {
            return switch (this) {
                case PRETRAINING ->
                    EnumSet.of(
                            State.SCHEDULED,
                            State.RUNNING,
                            State.PAUSED,
                            State.LOST,
                            State.FINISHED,
                            State.FAILED,
                            State.KILLED);
                case TRIAL ->
                    EnumSet.of(
                            State.PENDING, State.RUNNING, State.HELD, State.FINISHED, State.FAILED, State.KILLED);
                case SWEEP ->
                    EnumSet.of(
                            State.RUNNING,
                            State.PAUSED,
                            State.STOPPING,
                            State.CANCELLING,
                            State.SPENT,
                            State.FINISHED,
                            State.STOPPED,
                            State.CANCELLED,
                            State.FAILED);
                case INGEST -> EnumSet.of(State.RUNNING, State.FINISHED, State.FAILED);
            };
        }
    }

    /** Where a thing stands: what the store has, and what follows from it. */
    public enum State {
        /** A trial that has begun, and waits to be given out again. */
        PENDING,
        /** A pre-training that is to run, or runs, and has committed nothing yet. */
        SCHEDULED,
        RUNNING,
        PAUSED,
        /** A trial that early stopping holds at a rung. */
        HELD,
        /** A sweep that ends when its running trials have. */
        STOPPING,
        /** A sweep that ends when its running trials have committed. */
        CANCELLING,
        /** A pre-training that has not ended, and whose workflow is gone. */
        LOST,
        /** A sweep that could go on, but for its budget or a failed trial. */
        SPENT,
        FINISHED,
        STOPPED,
        CANCELLED,
        FAILED,
        KILLED;

        /** Whether nothing more happens to it by itself. */
        public boolean isEnded() {
            return switch (this) {
                case FINISHED, STOPPED, CANCELLED, FAILED, KILLED, SPENT -> true;
                default -> false;
            };
        }
    }
}
