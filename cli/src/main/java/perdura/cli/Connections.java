package perdura.cli;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.activities.worker.TemporalConnection;
import perdura.cli.follow.FollowedRun;
import perdura.cli.follow.RunFollower;
import perdura.cli.settings.Settings;
import perdura.cli.words.Terminal;
import perdura.experiments.submit.IngestStarter;
import perdura.experiments.submit.RunStarter;
import perdura.experiments.submit.SweepStarter;
import perdura.grids.spec.DurableEffects;
import perdura.store.DataSets;
import perdura.store.Database;
import perdura.store.Events;
import perdura.store.Runs;

/** The connections of one command, opened when first needed and closed at its end. */
final class Connections implements AutoCloseable {
    // A command tells soon that a server is away; only the worker waits.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Terminal terminal;
    private final Settings settings;
    private @Nullable Database database;
    private @Nullable TemporalConnection temporal;

    Connections(Terminal terminal, Settings settings) {
        this.terminal = terminal;
        this.settings = settings;
    }

    Database database() {
        Database open = database;
        if (open == null) {
            open = Database.open(settings.database(), DurableEffects.counting(), PATIENCE);
            database = open;
        }
        return open;
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

    RunStarter starter() {
        return new RunStarter(temporal().client());
    }

    IngestStarter ingestStarter() {
        return new IngestStarter(temporal().client());
    }

    SweepStarter sweepStarter() {
        return new SweepStarter(temporal().client());
    }

    private TemporalConnection temporal() {
        TemporalConnection open = temporal;
        if (open == null) {
            open = TemporalConnection.open(settings.temporal(), PATIENCE);
            temporal = open;
        }
        return open;
    }

    RunFollower follower() {
        return new RunFollower(terminal, runs(), events());
    }

    FollowedRun followed() {
        return new FollowedRun(
                terminal,
                follower(),
                settings.mlflow(),
                "Left alone; the run goes on. Come back with: perdura runs watch RUN");
    }

    FollowedSweep followedSweep(SweepTools tools) {
        return new FollowedSweep(
                terminal, tools, "Left alone; the sweep goes on. Come back with: perdura sweep watch SWEEP");
    }

    /** As {@link #followed}, on a stack that ends with the command: a page of its MLflow would be gone when read. */
    FollowedRun followedInForeground() {
        return new FollowedRun(terminal, follower(), Optional.empty(), ForegroundStack.ON_INTERRUPT);
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
}
