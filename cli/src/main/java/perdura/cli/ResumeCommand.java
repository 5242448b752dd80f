package perdura.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import perdura.cli.follow.FollowedRun;
import perdura.cli.settings.Setting;
import perdura.cli.settings.Settings;
import perdura.cli.stack.StackHome;
import perdura.cli.stack.StackOptions;
import perdura.experiments.steer.Thing;
import perdura.experiments.steer.Thing.Kind;
import perdura.experiments.steer.Verb;
import perdura.experiments.submit.RunStarter;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.Run;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lets a run go on from its last commit, whatever has happened to it. */
@Command(
        name = "resume",
        description = {
            "Let a pre-training go on from its last commit: one that is paused, stopped or failed, or one whose workflow is lost.",
            "A trial goes on with its sweep: 'perdura sweep resume'.",
            "If the local stack is down and its Temporal was the embedded one, the stack runs for as long as this takes."
        })
final class ResumeCommand extends Subcommand {
    private static final Duration UNTIL_CLOSED = Duration.ofSeconds(10);
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    @Parameters(index = "0", paramLabel = "RUN", description = "the id of a pre-training")
    private String run = "";

    @Option(names = "--detach", description = "do not follow the run")
    private boolean detach;

    @Override
    public Integer call() throws InterruptedException {
        StackHome home = connection.stackHome();
        if (!needsStack(home)) {
            try (Connections connections = connection.open(Connections.Access.CHANGE)) {
                return resume(connections, connections.followed());
            }
        }
        terminal.message("Starting the embedded stack on the data in " + home.folder());
        try (ForegroundStack stack = ForegroundStack.start(
                terminal,
                home,
                StackOptions.Mlflow.LOCAL,
                List.of("auto"),
                connection.loadGiven().values())) {
            stack.awaitUsable();
            try (Connections connections = connection.open(Connections.Access.CHANGE)) {
                detach = false; // the stack ends with this command
                return resume(connections, connections.followedInForeground());
            }
        }
    }

    private boolean needsStack(StackHome home) {
        Settings given = connection.loadGiven();
        boolean isGiven = given.has(Setting.DATABASE_URL) || given.has(Setting.TEMPORAL_ADDRESS);
        return !isGiven
                && !home.loadState().isOwned()
                && home.holdsData()
                && home.loadState().embedded();
    }

    private int resume(Connections connections, FollowedRun followed) throws InterruptedException {
        Thing thing = connections.things().require(Verb.RESUME, run, EnumSet.of(Kind.PRETRAINING, Kind.TRIAL));
        RunId wanted = new RunId(thing.id());
        Run stored = connections.runs().loadRun(wanted);
        if (stored.status() == RunStatus.FINISHED) {
            return followed.report(stored);
        }
        RunStarter starter = connections.starter();
        boolean isEnded = stored.status().isTerminal();
        if (isEnded) {
            awaitClosed(starter, wanted);
            connections.runs().rescheduleRun(wanted);
        }
        if (!isEnded && starter.isRunning(wanted)) {
            starter.resume(wanted);
        } else {
            connections.runs().markPaused(wanted, false);
            starter.start(wanted);
        }
        terminal.message("Run " + wanted + " goes on from step "
                + stored.progress().position().step() + ".");
        return detach ? 0 : followed.followToEnd(wanted);
    }

    /** A workflow records the end of its run shortly before it closes; one that is closing can't be told to go on. */
    private static void awaitClosed(RunStarter starter, RunId wanted) throws InterruptedException {
        Instant deadline = Instant.now().plus(UNTIL_CLOSED);
        while (starter.isRunning(wanted) && Instant.now().isBefore(deadline)) {
            Thread.sleep(LOOK_EVERY.toMillis());
        }
    }
}
