package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.experiments.steer.Thing;
import perdura.experiments.steer.Thing.Kind;
import perdura.experiments.steer.Thing.State;
import perdura.experiments.steer.Verb;
import perdura.experiments.steer.VerbTable;
import perdura.experiments.steer.VerbTable.Refusal;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.SweepControl;
import perdura.store.Sweeps;

/**
 * Every verb is given to every kind of thing in every state, by every command that has it: what the table lets be done is done; a
 * refusal names a command that goes through there and then, and changes nothing in store, workflows and files.
 */
class TestVerbTable {
    private static final Set<Kind> RUNS = EnumSet.of(Kind.PRETRAINING, Kind.TRIAL);
    private static final Set<Kind> SWEEPS = EnumSet.of(Kind.SWEEP);

    @TempDir
    private static Path folder;

    @SuppressWarnings("NullAway.Init") // see start
    private static SteeredThings things;

    @BeforeAll
    static void start() {
        things = new SteeredThings(folder);
    }

    @AfterAll
    static void stop() {
        things.close();
    }

    /**
     * A command of a verb.
     *
     * @param words ID, FILE and OUT stand for the thing, a longer file of it, and a place that is free
     */
    private record Given(Verb verb, Set<Kind> kinds, String words) {}

    private static final List<Given> COMMANDS = List.of(
            new Given(Verb.RESUME, RUNS, "resume ID --detach"),
            new Given(Verb.RESUME, SWEEPS, "sweep resume ID"),
            new Given(Verb.RETRY, SWEEPS, "sweep resume ID --retry-failed"),
            new Given(Verb.PAUSE, EnumSet.of(Kind.PRETRAINING), "runs pause ID"),
            new Given(Verb.PAUSE, SWEEPS, "sweep pause ID"),
            new Given(Verb.STOP, EnumSet.of(Kind.PRETRAINING), "runs stop ID"),
            new Given(Verb.STOP, SWEEPS, "sweep stop ID"),
            new Given(Verb.CANCEL, SWEEPS, "sweep cancel ID"),
            new Given(Verb.CANCEL, EnumSet.of(Kind.INGEST), "data cancel ID"),
            new Given(Verb.WATCH, RUNS, "runs watch ID"),
            new Given(Verb.WATCH, SWEEPS, "sweep watch ID"),
            new Given(Verb.SHOW, RUNS, "runs show ID"),
            new Given(Verb.SHOW, SWEEPS, "leaderboard ID"),
            new Given(Verb.EXTEND, SWEEPS, "sweep extend ID -f FILE"),
            new Given(Verb.SET, SWEEPS, "sweep set ID --concurrency 3"),
            new Given(Verb.FIGURES, EnumSet.of(Kind.PRETRAINING, Kind.TRIAL, Kind.SWEEP), "figures ID --out OUT"),
            new Given(Verb.FIGURES, SWEEPS, "figures --sweep ID --out OUT"),
            new Given(Verb.FORK, EnumSet.of(Kind.PRETRAINING), "pretrain --from ID --from-stage 2 --detach"),
            new Given(Verb.COMPARE, EnumSet.of(Kind.PRETRAINING, Kind.TRIAL, Kind.SWEEP), "compare ID --json"),
            new Given(Verb.EXPORT, RUNS, "weights export --run ID --format safetensors --out OUT"));

    /** A thing to be made. */
    record Wanted(Kind kind, State state, @Nullable State sweep) {
        @Override
        public String toString() {
            return kind.words() + " " + state + (sweep == null ? "" : " of a sweep that is " + sweep);
        }
    }

    static Stream<Wanted> everyThing() {
        List<Wanted> all = new ArrayList<>();
        for (Kind kind : List.of(Kind.PRETRAINING, Kind.SWEEP, Kind.INGEST)) {
            kind.states().forEach(state -> all.add(new Wanted(kind, state, null)));
        }
        all.addAll(TRIALS);
        return all.stream();
    }

    /** Each state of a trial, and each of its sweep, at least once. */
    private static final List<Wanted> TRIALS = List.of(
            new Wanted(Kind.TRIAL, State.RUNNING, State.RUNNING),
            new Wanted(Kind.TRIAL, State.RUNNING, State.STOPPING),
            new Wanted(Kind.TRIAL, State.RUNNING, State.CANCELLING),
            new Wanted(Kind.TRIAL, State.PENDING, State.RUNNING),
            new Wanted(Kind.TRIAL, State.PENDING, State.PAUSED),
            new Wanted(Kind.TRIAL, State.HELD, State.RUNNING),
            new Wanted(Kind.TRIAL, State.HELD, State.FINISHED),
            new Wanted(Kind.TRIAL, State.KILLED, State.STOPPED),
            new Wanted(Kind.TRIAL, State.KILLED, State.CANCELLED),
            new Wanted(Kind.TRIAL, State.KILLED, State.FAILED),
            new Wanted(Kind.TRIAL, State.KILLED, State.SPENT),
            new Wanted(Kind.TRIAL, State.FAILED, State.RUNNING),
            new Wanted(Kind.TRIAL, State.FAILED, State.FINISHED),
            new Wanted(Kind.TRIAL, State.FINISHED, State.FINISHED));

    @ParameterizedTest
    @MethodSource("everyThing")
    void everyCommandDoesItOrRefusesAndChangesNothing(Wanted wanted) {
        SoftAssertions softly = new SoftAssertions();
        Thing kept = things.make(wanted.kind(), wanted.state(), wanted.sweep());
        Map<String, String> before = things.snapshot(kept);
        for (Given command : COMMANDS) {
            Optional<Refusal> refusal = VerbTable.ask(command.verb(), kept, command.kinds());
            if (refusal.isPresent()) {
                refuses(softly, kept, command, refusal.get());
                softly.assertThat(things.snapshot(kept))
                        .as(wanted + ": " + command.words())
                        .isEqualTo(before);
            }
        }
        Set<String> followed = new HashSet<>();
        for (Given command : COMMANDS) {
            Optional<Refusal> refusal = VerbTable.ask(command.verb(), kept, command.kinds());
            if (refusal.isEmpty()) {
                boolean onlyReads = EnumSet.of(Verb.SHOW, Verb.COMPARE, Verb.FIGURES, Verb.EXPORT)
                        .contains(command.verb());
                Thing own = onlyReads ? kept : things.make(wanted.kind(), wanted.state(), wanted.sweep());
                does(softly, own, command.verb(), arguments(command.words(), own));
            } else if (followed.add(refusal.get().command())) {
                Thing own = things.make(wanted.kind(), wanted.state(), wanted.sweep());
                follow(
                        softly,
                        own,
                        VerbTable.ask(command.verb(), own, command.kinds())
                                .orElseThrow()
                                .command());
            }
        }
        softly.assertAll();
    }

    @Test
    void whatFailedIsRunAgain() {
        SoftAssertions softly = new SoftAssertions();
        Thing sweep = things.withFailedTrial();
        for (Given command : COMMANDS) {
            Optional<Refusal> refusal = VerbTable.ask(command.verb(), sweep, command.kinds());
            if (refusal.isPresent()) {
                refuses(softly, sweep, command, refusal.get());
            }
        }
        follow(softly, sweep, VerbTable.ask(Verb.RESUME, sweep).orElseThrow().command());
        softly.assertThat(
                        new Sweeps(things.database()).load(sweep.id()).status().name())
                .isEqualTo("RUNNING");
        softly.assertThat(things.isWorkflowRunning(sweep)).isTrue();
        softly.assertAll();
    }

    private static List<String> arguments(String words, Thing thing) {
        List<String> arguments = new ArrayList<>();
        for (String word : words.split(" ", -1)) {
            arguments.add(word.replace("ID", thing.id())
                    .replace(
                            "FILE",
                            thing.kind() == Kind.SWEEP
                                    ? things.longerFile(thing.id()).toString()
                                    : "none.yaml")
                    .replace("OUT", free()));
        }
        return arguments;
    }

    private static String free() {
        try {
            return Files.createTempDirectory(folder, "out").resolve("x").toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void refuses(SoftAssertions softly, Thing thing, Given command, Refusal refusal) {
        RecordingTerminal terminal = things.terminal();
        int status = terminal.run(arguments(command.words(), thing).toArray(String[]::new));
        String what = thing.kind() + " " + thing.state() + ": " + command.words() + ": " + terminal.err();
        softly.assertThat(status).as(what).isEqualTo(refusal.ofKind() ? 2 : 1);
        softly.assertThat(terminal.err().lines()).as(what).hasSize(1);
        softly.assertThat(terminal.err()).as(what).contains(thing.id(), refusal.command());
        softly.assertThat(terminal.out()).as(what).isEmpty();
    }

    /** A recommended command goes through. */
    private static void follow(SoftAssertions softly, Thing thing, String line) {
        assertThat(line).startsWith("perdura ");
        Thing about = thing.sweep() != null && line.contains(thing.sweep().id()) ? thing.sweep() : thing;
        List<String> arguments = new ArrayList<>();
        for (String word : PrintedCommand.words(line.substring("perdura ".length()))) {
            arguments.add(
                    switch (word) {
                        case "FILE" -> things.longerFile(about.id()).toString();
                        case "PATH" -> free();
                        case "N" -> "3";
                        default -> word;
                    });
        }
        boolean resumesRun = arguments.get(0).equals("resume");
        if (resumesRun || (arguments.get(0).equals("data") && arguments.get(1).equals("ingest"))) {
            arguments.add("--detach");
        }
        if (arguments.get(0).equals("figures")) {
            arguments.addAll(List.of("--out", free()));
            if (thing.kind() == Kind.PRETRAINING) {
                arguments.addAll(List.of("--only", figure(thing)));
            }
        }
        if (arguments.contains("watch")) {
            watch(softly, about, arguments);
            return;
        }
        RecordingTerminal terminal = things.terminal();
        softly.assertThat(terminal.run(arguments.toArray(String[]::new)))
                .as(thing.kind() + " " + thing.state() + ": " + line + ": " + terminal.err())
                .isZero();
    }

    /** One that a pre-training's newest checkpoint can show: of its first stage, or of its last. */
    private static String figure(Thing pretraining) {
        return pretraining.state() == State.FINISHED ? "4" : "3";
    }

    private static void does(SoftAssertions softly, Thing thing, Verb verb, List<String> arguments) {
        if (verb == Verb.WATCH) {
            watch(softly, thing, arguments);
            return;
        }
        if (verb == Verb.FIGURES && thing.kind() == Kind.PRETRAINING) {
            arguments.addAll(List.of("--only", figure(thing)));
        }
        String workflow = things.workflow(thing);
        RecordingTerminal terminal = things.terminal();
        int status = terminal.run(arguments.toArray(String[]::new));
        String what = thing.kind() + " " + thing.state() + ": " + arguments + ": " + terminal.err() + terminal.out();
        boolean mayLack = (verb == Verb.FIGURES && thing.kind() == Kind.SWEEP && thing.state() != State.FINISHED)
                || (verb == Verb.EXPORT && thing.kind() == Kind.TRIAL);
        if (!mayLack) {
            softly.assertThat(status).as(what).isZero();
        } else {
            softly.assertThat(status).as(what).isLessThanOrEqualTo(2); // nothing may be there yet, which it says
        }
        softly.assertThat(things.workflow(thing).equals(workflow))
                .as(what + " workflow " + workflow)
                .isEqualTo(!reachesWorkflow(verb, thing));
        effect(softly, thing, verb, what);
        PrintedCommand.of(terminal.err()).forEach(line -> follow(softly, thing, "perdura " + line));
    }

    /** Whether the verb starts a workflow or tells one. */
    private static boolean reachesWorkflow(Verb verb, Thing thing) {
        return switch (verb) {
            case RESUME -> thing.state() != State.FINISHED;
            case CANCEL -> thing.kind() != Kind.INGEST; // that of this test has none
            case PAUSE, EXTEND, RETRY -> true;
            case STOP -> thing.state() != State.LOST;
            case SET -> !thing.state().isEnded();
            default -> false;
        };
    }

    private static void effect(SoftAssertions softly, Thing thing, Verb verb, String what) {
        if (thing.kind() == Kind.SWEEP) {
            String status =
                    new Sweeps(things.database()).load(thing.id()).status().name();
            String expected = switch (verb) {
                case RESUME, RETRY -> "RUNNING";
                case PAUSE -> "PAUSED";
                case STOP -> "STOPPING";
                case CANCEL -> "CANCELLING";
                case EXTEND -> thing.state() == State.PAUSED ? "PAUSED" : "RUNNING";
                default ->
                    thing.state() == State.SPENT ? "STOPPED" : thing.state().name();
            };
            softly.assertThat(status).as(what).isEqualTo(expected);
            if (verb == Verb.EXTEND) {
                softly.assertThat(things.database()
                                .one(Long.class, "SELECT count(*) FROM sweep_trial WHERE sweep_id = ?", thing.id()))
                        .as(what)
                        .isEqualTo(4);
            }
            if (verb == Verb.SET) {
                softly.assertThat(new Sweeps(things.database())
                                .load(thing.id())
                                .limits()
                                .concurrency())
                        .as(what)
                        .isEqualTo(3);
            }
        } else if (thing.kind() == Kind.PRETRAINING && verb == Verb.RESUME && thing.state() != State.FINISHED) {
            Run run = new Runs(things.database()).loadRun(new RunId(thing.id()));
            softly.assertThat(run.status()).as(what).isIn(RunStatus.SCHEDULED, RunStatus.RUNNING);
            softly.assertThat(things.isWorkflowRunning(thing)).as(what).isTrue();
        } else if (thing.state() == State.LOST && verb == Verb.STOP) {
            softly.assertThat(new Runs(things.database())
                            .loadRun(new RunId(thing.id()))
                            .status())
                    .as(what)
                    .isEqualTo(RunStatus.KILLED);
        }
    }

    /** Follows to the end, which comes once it follows. */
    private static void watch(SoftAssertions softly, Thing thing, List<String> arguments) {
        RecordingTerminal terminal = things.terminal();
        boolean isOver = isEnded(thing);
        CompletableFuture<Integer> status =
                CompletableFuture.supplyAsync(() -> terminal.run(arguments.toArray(String[]::new)));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> status.isDone() || !terminal.err().isEmpty());
        if (!isOver) {
            end(thing);
        }
        boolean isFinished = thing.kind() == Kind.SWEEP
                ? new Sweeps(things.database()).load(thing.id()).status().name().equals("FINISHED")
                : new Runs(things.database()).loadRun(new RunId(thing.id())).status() == RunStatus.FINISHED;
        softly.assertThat(status.orTimeout(60, TimeUnit.SECONDS).join())
                .as(thing.kind() + " " + thing.state() + ": " + arguments + ": " + terminal.err())
                .isEqualTo(isFinished ? 0 : 1);
        softly.assertThat(terminal.out()).contains(isFinished ? "FINISHED" : "");
        PrintedCommand.of(terminal.err()).stream()
                .filter(line -> !line.startsWith("doctor")) // which looks at the whole stack
                .forEach(line -> follow(softly, thing, "perdura " + line));
    }

    private static boolean isEnded(Thing thing) {
        return thing.kind() == Kind.SWEEP
                ? new Sweeps(things.database()).load(thing.id()).status().isTerminal()
                : new Runs(things.database())
                        .loadRun(new RunId(thing.id()))
                        .status()
                        .isTerminal();
    }

    private static void end(Thing thing) {
        if (thing.kind() == Kind.SWEEP) {
            new SweepControl(things.database()).end(thing.id(), null);
        } else {
            new Runs(things.database()).finishRun(new RunId(thing.id()), RunStatus.FINISHED, null, null);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "resume",
                "runs watch",
                "runs show",
                "runs pause",
                "runs stop",
                "sweep watch",
                "sweep pause",
                "sweep resume",
                "sweep stop",
                "sweep cancel",
                "leaderboard",
                "figures",
                "compare",
                "pretrain --from",
                "weights export --format safetensors --out nowhere --run"
            })
    void anUnknownNameGetsOneLineWithWhatMayHaveBeenMeant(String command) {
        Thing run = things.make(Kind.PRETRAINING, State.KILLED, null);
        for (String name : List.of("nothing-like-it", "pre", run.id() + "-x")) {
            RecordingTerminal terminal = things.terminal();
            int status = terminal.run((command + " " + name).split(" ", -1));
            assertThat(status).as(command + " " + name + terminal.err()).isEqualTo(1);
            assertThat(terminal.err().lines()).as(terminal.err()).hasSize(1);
            assertThat(terminal.err()).contains(name + " is not in the store").contains("perdura ");
            if (!name.equals("nothing-like-it")) {
                assertThat(terminal.err()).contains("pre-");
            }
            SoftAssertions softly = new SoftAssertions();
            List<String> lines = PrintedCommand.of(terminal.err());
            assertThat(lines).isNotEmpty();
            lines.forEach(line -> follow(softly, run, "perdura " + line));
            softly.assertAll();
        }
    }
}
