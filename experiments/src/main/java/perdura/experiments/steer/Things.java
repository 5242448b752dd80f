package perdura.experiments.steer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import perdura.experiments.steer.Thing.Kind;
import perdura.experiments.steer.Thing.State;
import perdura.grids.read.SweepJson;
import perdura.grids.spec.Advice;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.TrialState;
import perdura.store.Database;
import perdura.store.Ingests;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.StoredIngest;
import perdura.store.StoredSweep;
import perdura.store.SweepControl;
import perdura.store.SweepResults;
import perdura.store.Sweeps;
import perdura.training.tasks.Tasks;

/** Finds what somebody means by a name, and asks the table what may be done to it. */
public final class Things {
    private static final int SEARCHED = 1_000;
    private static final int MOST_HINTS = 3;
    private static final Pattern NAME = Pattern.compile("[a-z0-9][A-Za-z0-9._-]{0,99}");

    private final Supplier<Database> database;
    private final Predicate<RunId> hasWorkflow;
    private final Function<StoredIngest, String> ingestCommand;

    /**
     * @param database asked once the name is known to be one
     * @param hasWorkflow asks Temporal whether the workflow of a pre-training runs
     * @param ingestCommand the command that comes back to an ingest
     */
    public Things(
            Supplier<Database> database, Predicate<RunId> hasWorkflow, Function<StoredIngest, String> ingestCommand) {
        this.database = database;
        this.hasWorkflow = hasWorkflow;
        this.ingestCommand = ingestCommand;
    }

    /**
     * The thing that a command is given, if the command may do to it what it is for.
     *
     * @param kinds that the command takes
     * @throws PerduraException NOT_FOUND; WRONG_STATE or INVALID_SPEC with the command that helps
     */
    public Thing require(Verb verb, String name, Set<Kind> kinds) {
        Thing thing = settled(verb, load(name, kinds));
        VerbTable.ask(verb, thing, kinds).ifPresent(refusal -> {
            throw refusal.of(thing);
        });
        return thing;
    }

    /** The command by which a pre-training or a trial goes on that has ended before its end. */
    public String wayOn(RunId run) {
        Thing thing = settled(Verb.RESUME, load(run.value(), EnumSet.of(Kind.PRETRAINING, Kind.TRIAL)));
        return VerbTable.ask(Verb.RESUME, thing)
                .map(VerbTable.Refusal::command)
                .orElseGet(() -> Verb.RESUME.command(thing));
    }

    /** What only matters to some verbs is asked for them alone. */
    private Thing settled(Verb verb, Thing thing) {
        if (thing.kind() == Kind.PRETRAINING) {
            boolean asksWorkflow =
                    (verb == Verb.PAUSE || verb == Verb.STOP) && !thing.state().isEnded();
            return asksWorkflow && !hasWorkflow.test(new RunId(thing.id())) ? thing.in(State.LOST, "") : thing;
        }
        boolean goesOn = verb == Verb.RESUME || verb == Verb.RETRY;
        if (goesOn && thing.kind() == Kind.SWEEP) {
            return unlessSpent(verb, thing);
        }
        if (goesOn && thing.kind() == Kind.TRIAL) {
            Verb told = thing.state() == State.FAILED ? Verb.RETRY : Verb.RESUME;
            Thing sweep = unlessSpent(told, thing.ownSweep());
            return new Thing(thing.id(), thing.kind(), thing.state(), sweep, 0, "");
        }
        return thing;
    }

    private Thing unlessSpent(Verb verb, Thing sweep) {
        boolean couldGoOn = sweep.state() == State.PAUSED
                || (sweep.state().isEnded() && (sweep.state() != State.FINISHED || verb == Verb.RETRY));
        if (!couldGoOn) {
            return sweep;
        }
        SweepSpec spec = SweepJson.read(
                        new Sweeps(database.get()).load(sweep.id()).identity().spec(),
                        Tasks.load().schemas())
                .spec();
        return new SweepControl(database.get())
                .findSpent(sweep.id(), verb == Verb.RETRY ? spec.forRetry() : spec)
                .map(reason -> sweep.in(State.SPENT, reason))
                .orElse(sweep);
    }

    /**
     * What is called so.
     *
     * @param kinds that are preferred if several things are
     * @throws PerduraException INVALID_SPEC for a text that is no name, NOT_FOUND with what may have been meant
     */
    Thing load(String name, Set<Kind> kinds) {
        if (!NAME.matcher(name).matches()) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, reason(name));
        }
        List<Thing> found = find(name);
        return found.stream()
                .filter(thing -> kinds.contains(thing.kind()))
                .findFirst()
                .or(() -> found.stream().findFirst())
                .orElseThrow(() -> notFound(name, kinds));
    }

    private static String reason(String name) {
        try {
            return "'" + new RunId(name) + "' is no name";
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private List<Thing> find(String name) {
        return Stream.of(
                        findRun(name),
                        new Sweeps(database.get()).find(name).map(this::sweep),
                        new Ingests(database.get()).find(name).map(this::ingest))
                .flatMap(Optional::stream)
                .toList();
    }

    private Optional<Thing> findRun(String name) {
        if (!name.matches("[a-z][a-z0-9-]*")) {
            return Optional.empty();
        }
        return new Runs(database.get())
                .findRun(new RunId(name))
                .filter(run -> run.identity().kind() != RunKind.SWEEP)
                .map(run -> run.identity().kind() == RunKind.TRIAL ? trial(run) : pretraining(run));
    }

    private static Thing pretraining(Run run) {
        State underWay = run.progress().position().step() == 0 ? State.SCHEDULED : State.RUNNING;
        State state = run.status().isTerminal()
                ? State.valueOf(run.status().name())
                : run.progress().paused() ? State.PAUSED : underWay;
        return new Thing(run.runId().value(), Kind.PRETRAINING, state, null, 0, "");
    }

    private Thing trial(Run run) {
        SweepResults.Membership member = new SweepResults(database.get())
                .findMembership(run.runId())
                .orElseThrow(() -> new PerduraException(
                        ErrorCode.INTERNAL, "trial " + run.runId() + " belongs to no sweep of the store"));
        Thing sweep = sweep(new Sweeps(database.get()).load(member.sweepId()));
        State state = State.valueOf(member.state().name());
        return new Thing(run.runId().value(), Kind.TRIAL, state, sweep, 0, "");
    }

    private Thing sweep(StoredSweep sweep) {
        long failed = new SweepResults(database.get()).count(sweep.sweepId()).getOrDefault(TrialState.FAILED, 0L);
        return new Thing(
                sweep.sweepId(), Kind.SWEEP, State.valueOf(sweep.status().name()), null, failed, "");
    }

    private Thing ingest(StoredIngest ingest) {
        return new Thing(
                ingest.identity().name(),
                Kind.INGEST,
                State.valueOf(ingest.status().name()),
                null,
                0,
                ingestCommand.apply(ingest));
    }

    private PerduraException notFound(String name, Set<Kind> kinds) {
        List<String> runs = new Runs(database.get())
                .listRuns(null, null, SEARCHED).stream()
                        .map(run -> run.runId().value())
                        .toList();
        List<String> known = new ArrayList<>(runs);
        known.addAll(new Ingests(database.get()).listNames());
        new Sweeps(database.get())
                .listSweeps().stream()
                        .map(sweep -> sweep.identity().name())
                        .distinct()
                        .forEach(known::add);
        List<String> begun = known.stream()
                .filter(one -> one.startsWith(name))
                .sorted(Comparator.comparingInt(String::length))
                .limit(MOST_HINTS)
                .toList();
        String hint = begun.isEmpty() ? Nearest.hint(name, known) : "; the nearest: " + String.join(", ", begun);
        boolean isSweep = kinds.equals(EnumSet.of(Kind.SWEEP));
        return new PerduraException(
                ErrorCode.NOT_FOUND,
                (isSweep ? "sweep " : "run ") + name + " is not in the store" + hint + "; "
                        + (isSweep ? Advice.SWEEP_LIST : Advice.RUNS_LIST).in() + " shows all");
    }
}
