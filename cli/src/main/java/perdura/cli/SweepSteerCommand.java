package perdura.cli;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import perdura.experiments.steer.Thing;
import perdura.experiments.steer.Verb;
import perdura.experiments.submit.RunStarter;
import perdura.experiments.submit.SweepStarter;
import perdura.grids.spec.Advice;
import perdura.grids.spec.RunId;
import perdura.grids.spec.SweepStatus;
import perdura.store.StoredSweep;
import perdura.store.SweepControl;
import perdura.workflows.SweepWorkflow;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Pauses, stops or cancels a sweep. */
@Command
final class SweepSteerCommand extends Subcommand.Changing {
    private static final Set<Thing.Kind> SWEEP = EnumSet.of(Thing.Kind.SWEEP);

    private final Kind kind;

    @Parameters(index = "0", paramLabel = "SWEEP", description = "the sweep's id, or a name: then its newest")
    private String sweep = "";

    /** What a sweep is told. */
    enum Kind {
        PAUSE(
                Verb.PAUSE,
                SweepStatus.PAUSED,
                "Pause a sweep: nothing more starts, and running trials commit at their next step and wait."),
        STOP(Verb.STOP, SweepStatus.STOPPING, "Stop a sweep: nothing more starts, running trials finish."),
        CANCEL(
                Verb.CANCEL,
                SweepStatus.CANCELLING,
                "Cancel a sweep now: running trials commit at their next step and end.");

        private final Verb verb;
        private final SweepStatus to;
        private final String description;

        Kind(Verb verb, SweepStatus to, String description) {
            this.verb = verb;
            this.to = to;
            this.description = description;
        }

        String description() {
            return description;
        }

        private Consumer<SweepWorkflow> signal() {
            return switch (this) {
                case PAUSE -> SweepWorkflow::pause;
                case STOP -> SweepWorkflow::stop;
                case CANCEL -> SweepWorkflow::cancel;
            };
        }

        private String effect(String sweepId) {
            return switch (this) {
                case PAUSE -> "pauses; go on with: " + Advice.SWEEP_RESUME.of(sweepId);
                case STOP -> "stops when its running trials have finished.";
                case CANCEL -> "is cancelled; what is committed stays.";
            };
        }
    }

    SweepSteerCommand(Kind kind) {
        this.kind = kind;
    }

    @Override
    int run(Connections connections) {
        String sweepId = connections.things().require(kind.verb, sweep, SWEEP).id();
        SweepStarter starter = connections.sweepStarter();
        connections.sweepControl().move(sweepId, kind.to.before(), kind.to);
        if (!starter.signal(sweepId, kind.signal())) {
            // Its workflow is gone with the memory of an embedded Temporal: a new one does what was asked.
            starter.start(sweepId);
        }
        if (kind == Kind.CANCEL) {
            stopPretrainings(connections.sweepControl(), connections.starter(), sweepId);
        }
        terminal.message("Sweep " + sweepId + " " + kind.effect(sweepId));
        return 0;
    }

    /** Those that only this sweep waited for. One that has not begun has no workflow. */
    private void stopPretrainings(SweepControl control, RunStarter runs, String cancelled) {
        for (RunId run : control.listOwnPretrainings(cancelled)) {
            if (runs.isRunning(run)) {
                runs.stop(run);
                terminal.message("Pre-training " + run + " is stopped too: no other sweep waits for it.");
            }
        }
    }

    /** Lets a sweep go on. */
    @Command(
            name = "resume",
            description =
                    "Let a sweep go on that was paused, or ended early, or lost its workflow; or run what failed again.")
    static final class Resume extends Subcommand.Changing {
        @Parameters(index = "0", paramLabel = "SWEEP", description = "the sweep's id, or a name: then its newest")
        private String sweep = "";

        @Option(
                names = "--retry-failed",
                description = "run its failed trials again, and pre-trainings that these need")
        private boolean retryFailed;

        @Override
        int run(Connections connections) {
            Thing found = connections.things().require(retryFailed ? Verb.RETRY : Verb.RESUME, sweep, SWEEP);
            SweepStarter starter = connections.sweepStarter();
            SweepControl control = connections.sweepControl();
            if (retryFailed) {
                control.listFailedPretrainings(found.id())
                        .forEach(run -> connections.runs().rescheduleRun(run));
                control.retryFailed(found.id());
            }
            control.reopen(found.id());
            if (found.state() == Thing.State.PAUSED) {
                control.move(found.id(), SweepStatus.RUNNING.before(), SweepStatus.RUNNING);
            }
            if (found.state() != Thing.State.PAUSED || !starter.signal(found.id(), SweepWorkflow::resume)) {
                starter.start(found.id());
            }
            terminal.message("Sweep " + found.id() + " goes on. Follow it with: " + Advice.SWEEP_WATCH.of(found.id()));
            return 0;
        }
    }

    /** Changes how a sweep runs while it runs. */
    @Command(
            name = "set",
            description = "Change how many trials of a sweep run at once, or how urgent they are, while it runs.")
    static final class Limits extends Subcommand.Changing {
        private static final int MOST_AT_ONCE = 2_000;

        @Parameters(index = "0", paramLabel = "SWEEP", description = "the sweep's id, or a name: then its newest")
        private String sweep = "";

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
            String sweepId =
                    connections.things().require(Verb.SET, sweep, SWEEP).id();
            SweepStarter starter = connections.sweepStarter();
            connections.sweepControl().setLimits(sweepId, atOnce, priority);
            starter.signal(sweepId, SweepWorkflow::changed);
            StoredSweep now = connections.sweeps().load(sweepId);
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
