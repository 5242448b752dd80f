package perdura.cli;

import java.time.Duration;
import perdura.cli.follow.InterruptHook;
import perdura.cli.sweep.SweepFollower;
import perdura.cli.words.Terminal;
import perdura.cli.words.Times;
import perdura.grids.spec.SweepStatus;
import perdura.store.StoredSweep;

/** Follows one sweep in a command. Its end decides the command's exit status. */
final class FollowedSweep {
    private final Terminal terminal;
    private final SweepTools tools;
    private final String onInterrupt;

    /** @param onInterrupt what Ctrl-C means for the sweep, and how to come back; {@code SWEEP} stands for its id */
    FollowedSweep(Terminal terminal, SweepTools tools, String onInterrupt) {
        this.terminal = terminal;
        this.tools = tools;
        this.onInterrupt = onInterrupt;
    }

    /** Returns 0 if the sweep finished, 1 if it ended early. */
    int followToEnd(String sweepId) throws InterruptedException {
        SweepFollower follower = new SweepFollower(terminal, tools.sweeps(), tools.results());
        Runnable onExit = () -> {
            follower.silence();
            terminal.message(onInterrupt.replace("SWEEP", sweepId));
        };
        return report(InterruptHook.follow(onExit, () -> follower.follow(sweepId)));
    }

    private int report(StoredSweep sweep) {
        String reason =
                sweep.progress().reason() == null ? "" : ": " + sweep.progress().reason();
        String took = sweep.endedAt() == null
                ? ""
                : " in " + Times.of(Duration.between(sweep.identity().submittedAt(), sweep.endedAt()));
        terminal.message("Sweep " + sweep.sweepId() + " " + sweep.status() + took + reason);
        terminal.message("Results: perdura leaderboard " + sweep.sweepId());
        terminal.result(sweep.sweepId() + " " + sweep.status());
        return sweep.status() == SweepStatus.FINISHED ? 0 : 1;
    }
}
