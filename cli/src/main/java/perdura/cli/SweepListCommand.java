package perdura.cli;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import perdura.cli.words.Json;
import perdura.cli.words.Table;
import perdura.cli.words.Terminal;
import perdura.cli.words.Times;
import perdura.store.StoredSweep;
import perdura.store.SweepResults;
import perdura.store.Sweeps;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists sweeps. */
@Command(name = "list", mixinStandardHelpOptions = true, description = "List sweeps, newest first.")
final class SweepListCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final ConnectionFlags connection;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    SweepListCommand(Terminal terminal, ConnectionFlags connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() {
        try (Connections connections = new Connections(terminal, connection.load())) {
            List<StoredSweep> sweeps = new Sweeps(connections.database()).listSweeps();
            SweepResults results = new SweepResults(connections.database());
            terminal.result(json ? Json.of(sweeps) : table(sweeps, results));
        }
        return 0;
    }

    private static String table(List<StoredSweep> sweeps, SweepResults results) {
        Table table = new Table("SWEEP", "STATUS", "DONE", "OF", "PRIORITY", "OBJECTIVE", "BEST", "SUBMITTED");
        for (StoredSweep sweep : sweeps) {
            long total = results.count(sweep.sweepId()).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            table.row(
                    sweep.sweepId(),
                    sweep.status(),
                    sweep.progress().endedTrials(),
                    total,
                    sweep.limits().priority(),
                    sweep.progress().objective(),
                    sweep.progress().bestValue() == null
                            ? "-"
                            : String.format(
                                    Locale.ROOT, "%.4f", sweep.progress().bestValue()),
                    Times.of(sweep.identity().submittedAt()));
        }
        return table.toString();
    }
}
