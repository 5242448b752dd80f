package perdura.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Follows a sweep that goes on elsewhere. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description = "Follow a sweep until it ends. Ctrl-C leaves the sweep alone.")
final class SweepWatchCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final ConnectionFlags connection;

    @Parameters(index = "0", paramLabel = "SWEEP", description = "the sweep's id, or a name: then its newest")
    private @Nullable String sweep;

    SweepWatchCommand(Terminal terminal, ConnectionFlags connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (Connections connections = Connections.forReading(terminal, connection.load())) {
            SweepTools tools = SweepTools.of(connections.database(), WeightStores.artifacts(connection));
            String sweepId = tools.sweeps().load(Objects.requireNonNull(sweep)).sweepId();
            return connections.followedSweep(tools).followToEnd(sweepId);
        }
    }
}
