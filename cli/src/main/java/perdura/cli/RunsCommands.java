package perdura.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import perdura.cli.follow.RunFollower;
import perdura.cli.words.Json;
import perdura.cli.words.Table;
import perdura.cli.words.Times;
import perdura.experiments.submit.RunStarter;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.Run;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands that show runs, and that tell one something. */
final class RunsCommands {
    private RunsCommands() {}

    /** Lists runs. */
    @Command(name = "list", description = "List runs, newest first.")
    static final class Listing extends Subcommand.Connected {
        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Option(names = "--experiment", paramLabel = "NAME", description = "of this experiment only")
        private @Nullable String experiment;

        @Option(
                names = "--status",
                paramLabel = "STATUS",
                description = "of this status only: ${COMPLETION-CANDIDATES}")
        private @Nullable RunStatus status;

        @Option(names = "--limit", paramLabel = "N", description = "at most so many; default: ${DEFAULT-VALUE}")
        private int limit = 50;

        @Override
        int run(Connections connections) {
            List<Run> runs = connections.runs().listRuns(experiment, status, limit);
            terminal.result(json ? Json.of(runs.stream().map(RunsCommands::view).toList()) : table(runs));
            return 0;
        }

        private static String table(List<Run> runs) {
            Table table = new Table("RUN", "EXPERIMENT", "STATUS", "STEP", "OF", "ATTEMPTS", "CREATED");
            runs.forEach(run -> table.row(
                    run.runId(),
                    run.identity().experiment(),
                    run.progress().paused() ? run.status() + " (paused)" : run.status(),
                    run.progress().position().step(),
                    run.progress().totalSteps() == null ? "?" : run.progress().totalSteps(),
                    run.binding().fence(),
                    Times.of(run.createdAt())));
            return table.toString();
        }
    }

    /** Follows a run that goes on elsewhere. */
    @Command(name = "watch", description = "Follow a run until it ends. Ctrl-C leaves the run alone.")
    static final class Watch extends Subcommand.Connected {
        @Parameters(index = "0", paramLabel = "RUN", description = "the run's id")
        private @Nullable RunId runId;

        @Override
        int run(Connections connections) throws InterruptedException {
            return connections.followed().followToEnd(Objects.requireNonNull(runId));
        }
    }

    /** Tells a run to pause or to stop. */
    @Command
    static final class Tell extends Subcommand.Changing {
        private final Kind kind;

        @Parameters(index = "0", paramLabel = "RUN", description = "the run's id")
        private @Nullable RunId runId;

        /** What a run is told. */
        enum Kind {
            PAUSE("Pause a run: it commits at its next step boundary and waits."),
            STOP("Stop a run for good: it commits at its next step boundary. 'perdura resume' can still go on.");

            private final String description;

            Kind(String description) {
                this.description = description;
            }

            String description() {
                return description;
            }
        }

        Tell(Kind kind) {
            this.kind = kind;
        }

        @Override
        int run(Connections connections) {
            RunId wanted = Objects.requireNonNull(runId);
            Run run = connections.runs().loadRun(wanted);
            if (RunFollower.isEnded(run)) {
                terminal.message("Run " + wanted + " has ended already: " + run.status() + ".");
                return 1;
            }
            RunStarter starter = connections.starter();
            if (kind == Kind.PAUSE) {
                starter.pause(wanted);
                terminal.message("The run pauses at its next step boundary. Go on with: perdura resume " + wanted);
            } else if (starter.isRunning(wanted)) {
                starter.stop(wanted);
                terminal.message("The run stops at its next step boundary; what is committed stays.");
            } else {
                // Its workflow is gone with the memory of an embedded Temporal: nobody else can end it.
                connections.runs().finishRun(wanted, RunStatus.KILLED, null, null);
                terminal.message("The run had no workflow any more; it is marked as stopped.");
            }
            return 0;
        }
    }

    /** A run as {@code --json} prints it: without the spec, whose text {@code runs show} has. */
    static Map<String, @Nullable Object> view(Run run) {
        Run.Live live = run.progress().live();
        Map<String, @Nullable Object> view = new LinkedHashMap<>();
        view.put("runId", run.runId());
        view.put("experiment", run.identity().experiment());
        view.put("name", run.identity().name());
        view.put("status", run.status());
        view.put("paused", run.progress().paused());
        view.put("step", run.progress().position().step());
        view.put("totalSteps", run.progress().totalSteps());
        view.put("stage", run.progress().position().stage());
        view.put("epoch", run.progress().position().epoch());
        view.put("loss", live == null ? null : live.loss());
        view.put("stepsPerSecond", live == null ? null : live.stepsPerSecond());
        view.put("stateDigest", run.progress().stateDigest());
        view.put("dataDigest", run.binding().dataDigest());
        view.put("specHash", run.identity().specHash());
        view.put("seed", run.identity().seed());
        view.put("attempts", run.binding().fence());
        view.put("mlflowRunId", run.mlflow().runId());
        view.put("errorCode", run.outcome().errorCode());
        view.put("errorMessage", run.outcome().errorMessage());
        view.put("createdAt", run.createdAt());
        view.put("startedAt", run.outcome().startedAt());
        view.put("endedAt", run.outcome().endedAt());
        return view;
    }
}
