package perdura.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Json;
import perdura.cli.words.Table;
import perdura.cli.words.Terminal;
import perdura.cli.words.Times;
import perdura.grids.spec.RunStatus;
import perdura.store.Run;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists runs. */
@Command(name = "list", mixinStandardHelpOptions = true, description = "List runs, newest first.")
final class RunsListCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final ConnectionFlags connection;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Option(names = "--experiment", paramLabel = "NAME", description = "of this experiment only")
    private @Nullable String experiment;

    @Option(names = "--status", paramLabel = "STATUS", description = "of this status only: ${COMPLETION-CANDIDATES}")
    private @Nullable RunStatus status;

    @Option(names = "--limit", paramLabel = "N", description = "at most so many; default: ${DEFAULT-VALUE}")
    private int limit = 50;

    RunsListCommand(Terminal terminal, ConnectionFlags connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() {
        try (Connections connections = new Connections(terminal, connection.load())) {
            List<Run> runs = connections.runs().listRuns(experiment, status, limit);
            terminal.result(json ? Json.of(RunView.of(runs)) : table(runs));
        }
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
