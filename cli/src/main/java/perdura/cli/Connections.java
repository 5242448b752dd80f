package perdura.cli;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.activities.worker.TemporalConnection;
import perdura.cli.follow.FollowedRun;
import perdura.cli.follow.RunFollower;
import perdura.cli.settings.Settings;
import perdura.cli.sweep.SweepFollower;
import perdura.cli.words.Terminal;
import perdura.cli.words.Times;
import perdura.experiments.compare.ComparedPoint;
import perdura.experiments.steer.Things;
import perdura.experiments.submit.IngestStarter;
import perdura.experiments.submit.RunStarter;
import perdura.experiments.submit.SweepStarter;
import perdura.grids.spec.Advice;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SweepStatus;
import perdura.store.DataSets;
import perdura.store.Database;
import perdura.store.Events;
import perdura.store.Runs;
import perdura.store.StoredSweep;
import perdura.store.SweepControl;
import perdura.store.SweepResults;
import perdura.store.Sweeps;

/** The connections of one command, opened when first needed and closed at its end. */
final class Connections implements AutoCloseable {
    // A command tells soon that a server is away; only the worker waits.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Terminal terminal;
    private final Settings settings;
    private final Access access;
    private final @Nullable Servers servers;
    private @Nullable Database database;
    private @Nullable TemporalConnection temporal;

    /** Servers that are open already. */
    record Servers(Database database, TemporalConnection temporal) {}

    /** What a command does to the store. */
    enum Access {
        /** Asks it. A store whose schema is older stays as it is: the command says what brings it up to date. */
        READ,
        /** Changes it, and brings its schema up to date before. */
        CHANGE
    }

    /** @param servers that stay open at the command's end; null: it opens its own */
    Connections(Terminal terminal, Settings settings, Access access, @Nullable Servers servers) {
        this.terminal = terminal;
        this.settings = settings;
        this.access = access;
        this.servers = servers;
    }

    Settings settings() {
        return settings;
    }

    Database database() {
        if (servers != null) {
            return servers.database();
        }
        Database open = database;
        if (open == null) {
            open = access == Access.CHANGE
                    ? Database.open(settings.database(), DurableEffects.counting(), PATIENCE)
                    : Database.openToRead(settings.database(), DurableEffects.counting(), PATIENCE);
            database = open;
        }
        return open;
    }

    /**
     * The store, for a command that does without it as far as it can. One that is there and whose schema is older is an error all the
     * same.
     *
     * @param unknown what is not known if it is away: {@code The cost is unknown}
     */
    Optional<Database> findDatabase(String unknown) {
        try {
            return Optional.of(database());
        } catch (PerduraException e) {
            if (e.code() == ErrorCode.SCHEMA_OUTDATED || e.code() == ErrorCode.INVALID_SPEC) {
                throw e;
            }
            terminal.message(unknown + " without the store: " + e.getMessage());
            return Optional.empty();
        }
    }

    Runs runs() {
        return new Runs(database());
    }

    Events events() {
        return new Events(database());
    }

    DataSets dataSets() {
        return new DataSets(database());
    }

    Sweeps sweeps() {
        return new Sweeps(database());
    }

    SweepControl sweepControl() {
        return new SweepControl(database());
    }

    RunStarter starter() {
        return new RunStarter(temporal().client());
    }

    IngestStarter ingestStarter() {
        return new IngestStarter(temporal().client());
    }

    SweepStarter sweepStarter() {
        return new SweepStarter(temporal().client());
    }

    /** What commands are given, and what may be done to it. */
    Things things() {
        return new Things(this::database, runId -> starter().isRunning(runId), IngestFlags::command);
    }

    private TemporalConnection temporal() {
        if (servers != null) {
            return servers.temporal();
        }
        TemporalConnection open = temporal;
        if (open == null) {
            open = TemporalConnection.open(settings.temporal(), PATIENCE);
            temporal = open;
        }
        return open;
    }

    RunFollower follower() {
        return new RunFollower(terminal, runs(), events(), runId -> starter().findPreparation(runId));
    }

    FollowedRun followed() {
        return new FollowedRun(
                terminal,
                follower(),
                things()::wayOn,
                settings.mlflow(),
                "Left alone; the run goes on. Come back with: " + Advice.RUNS_WATCH.of("RUN"));
    }

    FollowedSweep followedSweep() {
        return new FollowedSweep(
                terminal,
                sweeps(),
                new SweepResults(database()),
                "Left alone; the sweep goes on. Come back with: " + Advice.SWEEP_WATCH.of("SWEEP"));
    }

    /** As {@link #followed}, on a stack that ends with the command: a page of its MLflow would be gone when read. */
    FollowedRun followedInForeground() {
        return new FollowedRun(terminal, follower(), things()::wayOn, Optional.empty(), ForegroundStack.ON_INTERRUPT);
    }

    @Override
    public void close() {
        if (temporal != null) {
            temporal.close();
        }
        if (database != null) {
            database.close();
        }
    }

    /** Follows one sweep in a command. Its end decides the command's exit status. */
    static final class FollowedSweep {
        private final Terminal terminal;
        private final Sweeps sweeps;
        private final SweepResults results;
        private final String onInterrupt;

        /** @param onInterrupt what Ctrl-C means for the sweep, and how to come back; {@code SWEEP} stands for its id */
        FollowedSweep(Terminal terminal, Sweeps sweeps, SweepResults results, String onInterrupt) {
            this.terminal = terminal;
            this.sweeps = sweeps;
            this.results = results;
            this.onInterrupt = onInterrupt;
        }

        /** Returns 0 if the sweep finished, 1 if it ended early. */
        int followToEnd(String sweepId) throws InterruptedException {
            SweepFollower follower = new SweepFollower(terminal, sweeps, results);
            Runnable onExit = () -> {
                follower.silence();
                terminal.message(onInterrupt.replace("SWEEP", sweepId));
            };
            return report(FollowedRun.InterruptHook.follow(onExit, () -> follower.follow(sweepId)));
        }

        private int report(StoredSweep sweep) {
            String reason = sweep.progress().reason() == null
                    ? ""
                    : ": " + sweep.progress().reason();
            String took = sweep.endedAt() == null
                    ? ""
                    : " in " + Times.of(sweep.progress().ran());
            terminal.message("Sweep " + sweep.sweepId() + " " + sweep.status() + took + reason);
            terminal.message("Trials: " + ComparedPoint.StateWords.of(results.count(sweep.sweepId())));
            terminal.message("Results: " + Advice.LEADERBOARD.of(sweep.sweepId()));
            terminal.result(sweep.sweepId() + " " + sweep.status());
            return sweep.status() == SweepStatus.FINISHED ? 0 : 1;
        }
    }
}
