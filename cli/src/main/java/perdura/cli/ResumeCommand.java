package perdura.cli;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import perdura.cli.follow.FollowedRun;
import perdura.cli.follow.RunFollower;
import perdura.cli.settings.Setting;
import perdura.cli.settings.Settings;
import perdura.cli.stack.StackHome;
import perdura.cli.stack.StackOptions;
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
            "Let a run go on from its last commit: one that is paused, stopped or failed, or one whose workflow is lost.",
            "If the local stack is down and its Temporal was the embedded one, the stack runs for as long as this takes."
        })
final class ResumeCommand extends Subcommand {
    @Parameters(index = "0", paramLabel = "RUN", description = "the run's id")
    private @Nullable RunId runId;

    @Option(names = "--detach", description = "do not follow the run")
    private boolean detach;

    @Override
    public Integer call() throws InterruptedException {
        RunId wanted = Objects.requireNonNull(runId);
        StackHome home = connection.stackHome();
        if (!needsStack(home)) {
            try (Connections connections = new Connections(terminal, connection.load(), Connections.Access.CHANGE)) {
                return resume(wanted, connections, connections.followed());
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
            try (Connections connections = new Connections(terminal, connection.load(), Connections.Access.CHANGE)) {
                detach = false; // the stack ends with this command
                return resume(wanted, connections, connections.followedInForeground());
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

    private int resume(RunId wanted, Connections connections, FollowedRun followed) throws InterruptedException {
        Run run = connections.runs().loadRun(wanted);
        if (run.status() == RunStatus.FINISHED) {
            return followed.report(run);
        }
        RunStarter starter = connections.starter();
        if (RunFollower.isEnded(run)) {
            connections.runs().startRun(wanted);
        }
        if (starter.isRunning(wanted)) {
            starter.resume(wanted);
        } else {
            connections.runs().markPaused(wanted, false);
            starter.start(wanted);
        }
        terminal.message("Run " + wanted + " goes on from step "
                + run.progress().position().step() + ".");
        return detach ? 0 : followed.followToEnd(wanted);
    }
}
