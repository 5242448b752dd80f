package perdura.cli.sweep;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import perdura.cli.words.LiveLines;
import perdura.cli.words.Terminal;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.store.StoredSweep;
import perdura.store.SweepResults;
import perdura.store.Sweeps;

/** Shows a sweep until it ends: a live table on a terminal, a line now and then elsewhere. */
public final class SweepFollower {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final String AWAY =
            "Postgres does not answer; waiting for it. The sweep waits too, and loses nothing.";

    private final Sweeps sweeps;
    private final SweepResults results;
    private final LiveLines live;
    private final SweepScreen screen = new SweepScreen();
    private volatile boolean silent;

    public SweepFollower(Terminal terminal, Sweeps sweeps, SweepResults results) {
        this.sweeps = sweeps;
        this.results = results;
        this.live = new LiveLines(terminal);
    }

    /** Follows until the sweep has ended, and returns it as it is then. A store that is away is waited for. */
    public StoredSweep follow(String sweepId) throws InterruptedException {
        while (true) {
            try {
                SweepScreen.Look look = SweepScreen.Look.at(sweeps, results, sweepId);
                Instant now = Instant.now();
                show(screen.lines(look, now), screen.headline(look, now));
                if (look.sweep().status().isTerminal()) {
                    live.leave();
                    return look.sweep();
                }
            } catch (PerduraException e) {
                if (e.code() != ErrorCode.STORE_UNAVAILABLE) {
                    throw e;
                }
                show(List.of(AWAY), AWAY);
            }
            Thread.sleep(LOOK_EVERY.toMillis());
        }
    }

    /** Shows nothing more: the process ends. */
    public void silence() {
        silent = true;
        live.leave();
    }

    private void show(List<String> lines, String elsewhere) {
        if (!silent) {
            live.show(lines, elsewhere);
        }
    }
}
