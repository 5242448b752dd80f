package perdura.cli.follow;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.LiveLines;
import perdura.cli.words.LiveLines.Bar;
import perdura.cli.words.Terminal;
import perdura.cli.words.Times;
import perdura.experiments.submit.RunStarter.Preparation;
import perdura.grids.spec.Amount;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.PretrainSpec.AirflowSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.RunStatus;
import perdura.store.Events;
import perdura.store.Events.Event;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.training.method.Methods;

/** Shows a run until it ends: a bar on a terminal, a line now and then elsewhere, and every event. */
public final class RunFollower {
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);
    /** A slot tells of its steps every second or so; one that says nothing for so long may be dead. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(10);
    /** Between two segments of a run. */
    private static final Duration LONGEST_BOUNDARY = Duration.ofSeconds(3);

    private static final int LOOKS_PER_QUESTION = 4;
    /** A question that nobody answers holds the looks up for as long as Temporal is waited for. */
    private static final int LOOKS_AFTER_NO_ANSWER = 20;

    private final Terminal terminal;
    private final Runs runs;
    private final Events events;
    private final Function<RunId, Optional<Preparation>> preparations;
    private final Set<Long> toldEvents = new HashSet<>();
    private final LiveLines live;
    private final Duration lookEvery;
    private @Nullable String firstSteps;
    private @Nullable Boolean preparesEpochs;
    private Optional<Preparation> preparation = Optional.empty();
    private int looksUntilQuestion;
    private boolean storeAway;
    private volatile boolean silent;

    /** @param preparations asks the run's workflow, if its method prepares epochs */
    public RunFollower(
            Terminal terminal, Runs runs, Events events, Function<RunId, Optional<Preparation>> preparations) {
        this(terminal, runs, events, preparations, LOOK_EVERY);
    }

    RunFollower(
            Terminal terminal,
            Runs runs,
            Events events,
            Function<RunId, Optional<Preparation>> preparations,
            Duration lookEvery) {
        this.terminal = terminal;
        this.live = new LiveLines(terminal);
        this.runs = runs;
        this.events = events;
        this.preparations = preparations;
        this.lookEvery = lookEvery;
    }

    /** Follows until the run has ended, and returns it as it is then. A store that is away is waited for. */
    public Run follow(RunId runId) throws InterruptedException {
        while (true) {
            if (silent) {
                Thread.sleep(lookEvery.toMillis());
                continue;
            }
            try {
                Run run = runs.loadRun(runId);
                tellReturn();
                tellEvents(runId);
                if (isEnded(run)) {
                    clearBar();
                    return run;
                }
                show(run);
            } catch (PerduraException e) {
                if (e.code() != ErrorCode.STORE_UNAVAILABLE) {
                    throw e;
                }
                tellAbsence();
            }
            Thread.sleep(lookEvery.toMillis());
        }
    }

    /** Shows nothing more, not even what another thread is about to show: the process ends. */
    public synchronized void silence() {
        silent = true;
        clearBar();
    }

    public synchronized void clearBar() {
        live.clear();
    }

    /** Whether nothing more happens to the run by itself. */
    public static boolean isEnded(Run run) {
        return run.status() == RunStatus.FINISHED
                || run.status() == RunStatus.FAILED
                || run.status() == RunStatus.KILLED;
    }

    /** The monitor is held for the printing alone: {@link #silence} must not wait for an answer of Temporal. */
    private void show(Run run) {
        String line = describe(run);
        synchronized (this) {
            if (!silent) {
                live.show(line);
            }
        }
    }

    private String describe(Run run) {
        long total = run.progress().totalSteps() == null ? 0 : run.progress().totalSteps();
        if (run.progress().paused()) {
            return ProgressLine.of(run.progress().position().step(), total, 0, null) + "  paused";
        }
        Optional<Preparation> preparing = findPreparation(run, total);
        if (preparing.isPresent()) {
            return ProgressLine.of(run.progress().position().step(), total, 0, null) + "  " + describe(preparing.get());
        }
        Run.Live live = run.progress().live();
        if (live == null) {
            String phase = total == 0 ? "  " + beforeData(run) : "  preparing the model";
            return ProgressLine.of(run.progress().position().step(), total, 0, null) + phase;
        }
        long lost = live.step() - run.progress().position().step();
        if (live.ended() && (lost > 0 || live.silentSeconds() > LONGEST_BOUNDARY.toSeconds())) {
            return ProgressLine.of(run.progress().position().step(), total, 0, null) + "  waits for a slot"
                    + (lost > 0 ? ", repeats " + Amount.of(lost, "step") : "");
        }
        if (!live.ended() && live.silentSeconds() > LONGEST_SILENCE.toSeconds()) {
            return ProgressLine.of(live.step(), total, 0, null) + "  no word for "
                    + Times.of(Duration.ofSeconds((long) live.silentSeconds()))
                    + (lost > 0 ? "; would repeat " + Amount.of(lost, "step") : "");
        }
        return ProgressLine.of(live.step(), total, live.stepsPerSecond(), live.loss());
    }

    static String describe(Preparation preparation) {
        return preparation.done() < preparation.shards()
                ? "preparing the epoch: " + preparation.done() + " of " + preparation.shards() + " shards"
                : "preparing the epoch: combining " + preparation.shards() + " shards";
    }

    /**
     * Asks now and then, once the run has a plan: before, there may be no worker that could answer. Where nobody answers, the next
     * question is later, and the store tells the rest.
     */
    private Optional<Preparation> findPreparation(Run run, long total) {
        if (total > 0 && preparesEpochs(run) && looksUntilQuestion-- <= 0) {
            try {
                preparation = preparations.apply(run.runId());
                looksUntilQuestion = LOOKS_PER_QUESTION - 1;
            } catch (PerduraException e) {
                preparation = Optional.empty();
                looksUntilQuestion = LOOKS_AFTER_NO_ANSWER - 1;
            }
        }
        return preparation;
    }

    private boolean preparesEpochs(Run run) {
        if (preparesEpochs == null) {
            preparesEpochs = run.identity().kind() == RunKind.PRETRAIN && preparesEpochs(pretraining(run));
        }
        return preparesEpochs;
    }

    private static boolean preparesEpochs(PretrainSpec spec) {
        return Methods.load().of(spec).preparation(spec, 1).isPresent();
    }

    private static PretrainSpec pretraining(Run run) {
        return Methods.load().specs().readStored(run.identity().spec());
    }

    private String beforeData(Run run) {
        if (firstSteps == null) {
            AirflowSpec airflow = run.identity().kind() == RunKind.PRETRAIN
                    ? pretraining(run).execution().prepare().airflow()
                    : null;
            firstSteps = airflow == null
                    ? "waiting for a worker, then checking the data"
                    : "waiting for a worker with Airflow's settings and for DAG " + airflow.dag()
                            + ", then checking the data";
        }
        return firstSteps;
    }

    private void tellEvents(RunId runId) {
        List<Event> all = events.listEvents(runId);
        for (Event event : all) {
            if (toldEvents.add(event.id())) {
                tell(Times.of(event.at()) + "  " + event.kind() + "  " + event.detail());
            }
        }
    }

    private synchronized void tell(String line) {
        if (!silent) {
            clearBar();
            terminal.message(line);
        }
    }

    private void tellAbsence() {
        if (!storeAway) {
            tell("Postgres does not answer; waiting for it. The run waits too, and loses nothing.");
            storeAway = true;
        }
    }

    private void tellReturn() {
        if (storeAway) {
            tell("Postgres is back.");
            storeAway = false;
        }
    }

    /** One line that says how far a run is: bar, steps, loss, rate, time left. */
    static final class ProgressLine {
        private ProgressLine() {}

        /**
         * Draws the line.
         *
         * @param total 0 while unknown
         * @param stepsPerSecond 0 while unknown
         */
        static String of(long step, long total, double stepsPerSecond, @Nullable Double loss) {
            StringBuilder line = new StringBuilder(Bar.of(total == 0 ? 0 : step / (double) total));
            line.append(String.format(Locale.ROOT, "  step %d/%s", step, total == 0 ? "?" : total));
            if (loss != null) {
                line.append(String.format(Locale.ROOT, "  loss %.4f", loss));
            }
            if (stepsPerSecond > 0) {
                line.append(String.format(Locale.ROOT, "  %.2f steps/s", stepsPerSecond));
                if (total > step) {
                    line.append("  ETA ")
                            .append(Times.of(Duration.ofSeconds((long) ((total - step) / stepsPerSecond))));
                }
            }
            return line.toString();
        }
    }
}
