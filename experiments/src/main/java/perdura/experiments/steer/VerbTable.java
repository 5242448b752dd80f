package perdura.experiments.steer;

import java.util.Optional;
import java.util.Set;
import perdura.experiments.steer.Thing.Kind;
import perdura.experiments.steer.Thing.State;
import perdura.grids.spec.Advice;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Every verb for every kind of thing in every state: it is done, or refused with the command that helps. */
public final class VerbTable {
    private VerbTable() {}

    /**
     * Why something is not done.
     *
     * @param ofKind whether the thing is of a kind to which the verb is never done
     * @param because goes on from what the thing is called: {@code has ended already}
     * @param remedy what the command is for: {@code Follow it}
     * @param command that can be given now
     */
    public record Refusal(boolean ofKind, String because, String remedy, String command) {
        /** As commands throw it: wrong usage, if it is the kind, else a failure. */
        PerduraException of(Thing thing) {
            return new PerduraException(
                    ofKind ? ErrorCode.INVALID_SPEC : ErrorCode.WRONG_STATE,
                    thing.title() + " " + because + ". " + remedy + ": " + command);
        }
    }

    /**
     * Whether a command does what it is for.
     *
     * @param kinds that the command takes
     * @return empty if it does
     */
    public static Optional<Refusal> ask(Verb verb, Thing thing, Set<Kind> kinds) {
        Optional<Refusal> refusal = ask(verb, thing);
        if (refusal.isPresent() || kinds.contains(thing.kind())) {
            return refusal;
        }
        return Optional.of(new Refusal(true, "has a command of its own", "Give", verb.command(thing)));
    }

    /** One cell of the table; empty if the verb is done. */
    public static Optional<Refusal> ask(Verb verb, Thing thing) {
        return switch (thing.kind()) {
            case PRETRAINING -> pretraining(verb, thing);
            case TRIAL -> trial(verb, thing);
            case SWEEP -> sweep(verb, thing);
            case INGEST -> ingest(verb, thing);
        };
    }

    private static Optional<Refusal> pretraining(Verb verb, Thing run) {
        State state = run.state();
        return switch (verb) {
            case RESUME, WATCH, SHOW, COMPARE -> done();
            case FIGURES, FORK, EXPORT ->
                state == State.SCHEDULED
                        ? refused("has no checkpoint yet", "Follow it", Advice.RUNS_WATCH, run)
                        : done();
            case PAUSE ->
                state == State.LOST
                        ? refused("has no workflow any more, and does nothing", "Let it go on", Advice.RESUME, run)
                        : unlessEnded(verb, run, done());
            case STOP -> unlessEnded(verb, run, done());
            case CANCEL ->
                unlessEnded(verb, run, wrongKind("is stopped, not cancelled", "Give", Advice.RUNS_STOP, run));
            case RETRY ->
                state == State.FAILED
                        ? wrongKind("has no trials, and goes on itself", "Give", Advice.RESUME, run)
                        : wrongKind("has no trials", "See it", Advice.RUNS_SHOW, run);
            case EXTEND, SET -> wrongKind("has no trials", "See it", Advice.RUNS_SHOW, run);
        };
    }

    private static Optional<Refusal> unlessEnded(Verb verb, Thing run, Optional<Refusal> answer) {
        if (!run.state().isEnded()) {
            return answer;
        }
        String because = "is " + run.state() + " already";
        return verb == Verb.PAUSE && run.state() != State.FINISHED
                ? refused(because, "Let it go on", Advice.RESUME, run)
                : refused(because, "See it", Advice.RUNS_SHOW, run);
    }

    private static Optional<Refusal> trial(Verb verb, Thing trial) {
        State state = trial.state();
        Thing sweep = trial.ownSweep();
        boolean isEnded =
                state.isEnded() || (state == State.HELD && sweep.state().isEnded());
        return switch (verb) {
            case WATCH, SHOW, COMPARE, EXPORT -> done();
            case RESUME, RETRY -> {
                if (state == State.FINISHED) {
                    yield verb == Verb.RESUME ? done() : refused("is FINISHED", "See it", Advice.RUNS_SHOW, trial);
                }
                if (state == State.FAILED) {
                    yield steered(Verb.RETRY, trial);
                }
                yield sweep.state() == State.RUNNING
                        ? refused(
                                "is " + state + " and goes on by itself, with sweep " + sweep.id(),
                                "Follow it",
                                Advice.RUNS_WATCH,
                                trial)
                        : steered(Verb.RESUME, trial);
            }
            case PAUSE, STOP, CANCEL ->
                isEnded ? refused("is " + state + " already", "See it", Advice.RUNS_SHOW, trial) : steered(verb, trial);
            case EXTEND, SET -> steered(verb, trial);
            case FIGURES ->
                switch (state) {
                    case FINISHED -> done();
                    case PENDING, RUNNING, HELD ->
                        isEnded
                                ? refused("has not been tested", "See it", Advice.RUNS_SHOW, trial)
                                : refused("has not been tested yet", "Follow it", Advice.RUNS_WATCH, trial);
                    default -> refused("has not been tested", "See it", Advice.RUNS_SHOW, trial);
                };
            case FORK ->
                wrongKind("has no stages; those of a pre-training can be gone on from", "See all", Advice.RUNS_LIST);
        };
    }

    /** A trial is steered with its sweep, so that the answer is the sweep's. */
    private static Optional<Refusal> steered(Verb verb, Thing trial) {
        Thing sweep = trial.ownSweep();
        String because = "is " + trial.state() + ", and is steered with sweep " + sweep.id();
        return Optional.of(sweep(verb, sweep)
                .map(refusal -> new Refusal(
                        refusal.ofKind(),
                        because + ", which " + refusal.because(),
                        refusal.remedy(),
                        refusal.command()))
                .orElseGet(() -> new Refusal(true, because, "Give", verb.command(sweep))));
    }

    private static Optional<Refusal> sweep(Verb verb, Thing sweep) {
        State state = sweep.state();
        return switch (verb) {
            case WATCH, SHOW, FIGURES, COMPARE -> done();
            case RESUME ->
                switch (state) {
                    case STOPPING, CANCELLING -> ending(sweep);
                    case SPENT -> spent(sweep);
                    case FINISHED -> finished(sweep);
                    default -> done();
                };
            case RETRY ->
                switch (state) {
                    case STOPPING, CANCELLING -> ending(sweep);
                    case SPENT -> spent(sweep);
                    default ->
                        sweep.failedTrials() > 0
                                ? done()
                                : refused("has no failed trial", "See it", Advice.LEADERBOARD, sweep);
                };
            case PAUSE ->
                switch (state) {
                    case RUNNING, PAUSED -> done();
                    case STOPPING, CANCELLING -> ending(sweep);
                    default -> ended(sweep);
                };
            case STOP ->
                switch (state) {
                    case RUNNING, PAUSED, STOPPING -> done();
                    case CANCELLING -> ending(sweep);
                    default -> ended(sweep);
                };
            case CANCEL -> state.isEnded() ? ended(sweep) : done();
            case EXTEND ->
                switch (state) {
                    case STOPPING, CANCELLING -> ending(sweep);
                    default -> done();
                };
            case SET ->
                switch (state) {
                    case STOPPING, CANCELLING -> ending(sweep);
                    case FINISHED -> finished(sweep);
                    default -> done();
                };
            case FORK ->
                wrongKind("has no stages; those of a pre-training can be gone on from", "See all", Advice.RUNS_LIST);
            case EXPORT -> wrongKind("has no weights; its trials have", "See them", Advice.LEADERBOARD, sweep);
        };
    }

    private static Optional<Refusal> ending(Thing sweep) {
        return refused(
                "is " + sweep.state() + ", and its running trials end first", "Follow it", Advice.SWEEP_WATCH, sweep);
    }

    private static Optional<Refusal> ended(Thing sweep) {
        return refused("is " + word(sweep) + " already", "See it", Advice.LEADERBOARD, sweep);
    }

    private static String word(Thing sweep) {
        return (sweep.state() == State.SPENT ? State.STOPPED : sweep.state()).name();
    }

    private static Optional<Refusal> spent(Thing sweep) {
        return refused("can't go on: " + sweep.detail(), "Change that in its file, and", Advice.SWEEP_EXTEND, sweep);
    }

    private static Optional<Refusal> finished(Thing sweep) {
        return sweep.failedTrials() > 0
                ? refused(
                        "is FINISHED: nothing is left of it",
                        "Let its failed trials run again",
                        Advice.SWEEP_RETRY,
                        sweep)
                : refused("is FINISHED: nothing is left of it", "Add trials", Advice.SWEEP_EXTEND, sweep);
    }

    private static Optional<Refusal> ingest(Verb verb, Thing ingest) {
        boolean isFinished = ingest.state() == State.FINISHED;
        if (verb == Verb.SHOW && isFinished) {
            return done();
        }
        if (verb == Verb.CANCEL) {
            return switch (ingest.state()) {
                case FINISHED -> refused("is FINISHED already", "See its data set", Advice.DATA_SHOW, ingest);
                case FAILED ->
                    Optional.of(new Refusal(false, "is FAILED already", "Make what is missing", ingest.detail()));
                default -> done();
            };
        }
        if (ingest.state() == State.RUNNING && Set.of(Verb.PAUSE, Verb.STOP).contains(verb)) {
            return wrongKind(
                    "is neither paused nor stopped; to cancel it keeps what is done",
                    "Give",
                    Advice.DATA_CANCEL,
                    ingest);
        }
        return switch (ingest.state()) {
            case FINISHED -> wrongKind("is FINISHED", "See its data set", Advice.DATA_SHOW, ingest);
            case FAILED -> Optional.of(new Refusal(true, "is FAILED", "Make what is missing", ingest.detail()));
            default ->
                Optional.of(new Refusal(true, "is RUNNING, and goes on until its end", "Follow it", ingest.detail()));
        };
    }

    private static Optional<Refusal> done() {
        return Optional.empty();
    }

    private static Optional<Refusal> refused(String because, String remedy, Advice command, Thing thing) {
        return Optional.of(new Refusal(false, because, remedy, command.of(thing.id())));
    }

    private static Optional<Refusal> wrongKind(String because, String remedy, Advice command, Object... about) {
        Object[] ids = new Object[about.length];
        for (int i = 0; i < about.length; i++) {
            ids[i] = about[i] instanceof Thing thing ? thing.id() : about[i];
        }
        return Optional.of(new Refusal(true, because, remedy, command.of(ids)));
    }
}
