package perdura.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Terminal;
import perdura.grids.spec.RunId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Follows a run that goes on elsewhere. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description = "Follow a run until it ends. Ctrl-C leaves the run alone.")
final class RunsWatchCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final ConnectionFlags connection;

    @Parameters(index = "0", paramLabel = "RUN", description = "the run's id")
    private @Nullable RunId runId;

    RunsWatchCommand(Terminal terminal, ConnectionFlags connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (Connections connections = Connections.forReading(terminal, connection.load())) {
            return connections.followed().followToEnd(Objects.requireNonNull(runId));
        }
    }
}
