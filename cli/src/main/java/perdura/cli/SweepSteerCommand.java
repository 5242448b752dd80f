package perdura.cli;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Terminal;
import perdura.experiments.submit.RunStarter;
import perdura.experiments.submit.SweepStarter;
import perdura.grids.read.SweepJson;
import perdura.grids.spec.RunId;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepStatus;
import perdura.store.StoredSweep;
import perdura.store.SweepControl;
import perdura.training.tasks.Tasks;
import perdura.workflows.SweepWorkflow;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Pauses, resumes, stops or cancels a sweep. */
@Command
final class SweepSteerCommand extends Subcommand.Changing {
    private final Kind kind;

    @Parameters(index = "0", paramLabel = "SWEEP", description = "the sweep's id, or a name: then its newest")
    private @Nullable String sweep;

    /** What a sweep is told. */
    enum Kind {
        PAUSE("Pause a sweep: nothing more starts, and running trials commit at their next step and wait."),
        RESUME("Let a sweep go on that was paused, or ended early, or lost its workflow."),
        STOP("Stop a sweep: nothing more starts, running trials finish."),
        CANCEL("Cancel a sweep now: running trials commit at their next step and end.");

        private final String description;

        Kind(String description) {
            this.description = description;
        }

        String description() {
            return description;
        }

        private SweepStatus to() {
            return switch (this) {
                case PAUSE -> SweepStatus.PAUSED;
                case RESUME -> SweepStatus.RUNNING;
                case STOP -> SweepStatus.STOPPING;
                case CANCEL -> SweepStatus.CANCELLING;
            };
        }

        private Consumer<SweepWorkflow> signal() {
            return switch (this) {
                case PAUSE -> SweepWorkflow::pause;
                case RESUME -> SweepWorkflow::resume;
                case STOP -> SweepWorkflow::stop;
                case CANCEL -> SweepWorkflow::cancel;
            };
        }

        private String effect(String sweepId) {
            return switch (this) {
                case PAUSE -> "pauses; go on with: perdura sweep resume " + sweepId;
                case RESUME -> "goes on";
                case STOP -> "stops when its running trials have finished";
                case CANCEL -> "is cancelled; what is committed stays";
            };
        }
    }

    SweepSteerCommand(Kind kind) {
        this.kind = kind;
    }

    @Override
    int run(Connections connections) {
        StoredSweep found = connections.sweeps().load(Objects.requireNonNull(sweep));
        if (kind == Kind.RESUME && found.status() == SweepStatus.FINISHED) {
            terminal.message("Sweep " + found.sweepId() + " has finished: nothing is left of it. 'perdura sweep submit"
                    + " --retry-failed' runs failed trials again, 'perdura sweep extend' adds some.");
            return 1;
        }
        if (kind == Kind.RESUME) {
            SweepSpec spec = SweepJson.read(
                            found.identity().spec(), Tasks.load().schemas())
                    .spec();
            if (isSpent(connections.sweepControl(), found, spec, terminal)) {
                return 1;
            }
        }
        SweepStarter starter = connections.sweepStarter();
        if (kind == Kind.RESUME && found.status() != SweepStatus.PAUSED) {
            resume(connections.sweepControl(), starter, found);
        } else {
            connections.sweepControl().move(found.sweepId(), kind.to().before(), kind.to());
            if (!starter.signal(found.sweepId(), kind.signal())) {
                // Its workflow is gone with the memory of an embedded Temporal: a new one does what was asked.
                starter.start(found.sweepId());
            }
        }
        if (kind == Kind.CANCEL) {
            stopPretrainings(connections.sweepControl(), connections.starter(), found);
        }
        terminal.message("Sweep " + found.sweepId() + " " + kind.effect(found.sweepId()) + ".");
        return 0;
    }

    /** Whether a sweep would end at once if it were taken up again; says why, and what would help. */
    static boolean isSpent(SweepControl control, StoredSweep found, SweepSpec spec, Terminal terminal) {
        Optional<String> spent = control.findSpent(found.sweepId(), spec);
        spent.ifPresent(reason -> terminal.message("Sweep " + found.sweepId() + " can't go on: " + reason
                + ". Change that in its file, and give it to 'perdura sweep extend " + found.sweepId() + "'."));
        return spent.isPresent();
    }

    /** Those that only this sweep waited for. One that has not begun has no workflow. */
    private void stopPretrainings(SweepControl control, RunStarter runs, StoredSweep cancelled) {
        for (RunId run : control.listOwnPretrainings(cancelled.sweepId())) {
            if (runs.isRunning(run)) {
                runs.stop(run);
                terminal.message("Pre-training " + run + " is stopped too: no other sweep waits for it.");
            }
        }
    }

    private static void resume(SweepControl control, SweepStarter starter, StoredSweep found) {
        if (found.status().isTerminal()) {
            control.reopen(found.sweepId());
        }
        starter.start(found.sweepId());
    }

    /** Changes how a sweep runs while it runs. */
    @Command(
            name = "set",
            description = "Change how many trials of a sweep run at once, or how urgent they are, while it runs.")
    static final class Limits extends Subcommand.Changing {
        private static final int MOST_AT_ONCE = 2_000;

        @Parameters(index = "0", paramLabel = "SWEEP", description = "the sweep's id, or a name: then its newest")
        private @Nullable String sweep;

        @Option(
                names = "--concurrency",
                paramLabel = "N",
                description = "trials at once; auto: as many as there are slots")
        private @Nullable String concurrency;

        @Option(names = "--priority", paramLabel = "1-5", description = "1 goes first, 5 last")
        private @Nullable Integer priority;

        @Override
        int run(Connections connections) {
            if (concurrency == null && priority == null) {
                throw wrong("give --concurrency or --priority");
            }
            if (priority != null && (priority < 1 || priority > 5)) {
                throw wrong("--priority must be 1 to 5, was " + priority);
            }
            @Nullable Integer atOnce = atOnce();
            StoredSweep found = connections.sweeps().load(Objects.requireNonNull(sweep));
            connections.sweepControl().setLimits(found.sweepId(), atOnce, priority);
            connections.sweepStarter().signal(found.sweepId(), SweepWorkflow::changed);
            StoredSweep now = connections.sweeps().load(found.sweepId());
            terminal.message("Sweep " + now.sweepId() + ": "
                    + (now.limits().concurrency() == 0 ? "auto" : now.limits().concurrency()) + " at once, priority "
                    + now.limits().priority() + ".");
            return 0;
        }

        private @Nullable Integer atOnce() {
            if (concurrency == null) {
                return null;
            }
            if (concurrency.equals("auto")) {
                return 0;
            }
            if (!concurrency.matches("[1-9][0-9]{0,3}") || Integer.parseInt(concurrency) > MOST_AT_ONCE) {
                throw wrong("--concurrency must be auto or 1 to " + MOST_AT_ONCE + ", was '" + concurrency + "'");
            }
            return Integer.valueOf(concurrency);
        }
    }
}
