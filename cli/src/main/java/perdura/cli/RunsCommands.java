package perdura.cli;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Json;
import perdura.cli.words.Table;
import perdura.cli.words.Times;
import perdura.experiments.steer.Thing;
import perdura.experiments.steer.Thing.Kind;
import perdura.experiments.steer.Thing.State;
import perdura.experiments.steer.Verb;
import perdura.experiments.submit.RunStarter;
import perdura.grids.spec.Advice;
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
        private String run = "";

        @Override
        int run(Connections connections) throws InterruptedException {
            Thing thing = connections.things().require(Verb.WATCH, run, EnumSet.of(Kind.PRETRAINING, Kind.TRIAL));
            return connections.followed().followToEnd(new RunId(thing.id()));
        }
    }

    /** Tells a pre-training to pause or to stop. */
    @Command
    static final class Tell extends Subcommand.Changing {
        private final Verb verb;

        @Parameters(index = "0", paramLabel = "RUN", description = "the id of a pre-training")
        private String run = "";

        /** @param verb PAUSE or STOP */
        Tell(Verb verb) {
            this.verb = verb;
        }

        String description() {
            return verb == Verb.PAUSE
                    ? "Pause a pre-training: it commits at its next step boundary and waits. Trials are paused with their sweep."
                    : "Stop a pre-training for good: it commits at its next step boundary. " + Advice.RESUME.in("RUN")
                            + " can still go on.";
        }

        @Override
        int run(Connections connections) {
            Thing thing = connections.things().require(verb, run, EnumSet.of(Kind.PRETRAINING));
            RunId wanted = new RunId(thing.id());
            RunStarter starter = connections.starter();
            if (verb == Verb.PAUSE) {
                starter.pause(wanted);
                terminal.message("The run pauses at its next step boundary. Go on with: " + Advice.RESUME.of(wanted));
            } else if (thing.state() != State.LOST) {
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
