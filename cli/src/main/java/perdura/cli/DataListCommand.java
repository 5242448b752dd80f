package perdura.cli;

import java.util.List;
import java.util.concurrent.Callable;
import perdura.cli.words.Json;
import perdura.cli.words.Table;
import perdura.cli.words.Terminal;
import perdura.cli.words.Times;
import perdura.store.StoredDataSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists ingested data sets. */
@Command(name = "list", mixinStandardHelpOptions = true, description = "List ingested data sets, newest first.")
final class DataListCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final ConnectionFlags connection;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    DataListCommand(Terminal terminal, ConnectionFlags connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() {
        try (Connections connections = new Connections(terminal, connection.load())) {
            List<StoredDataSet> all = connections.dataSets().listDataSets();
            if (json) {
                terminal.result(Json.of(all));
                return 0;
            }
            Table table = new Table("NAME", "DIGEST", "SET", "PROFILE", "SIZE", "SAMPLES", "IMAGES", "INGESTED");
            for (StoredDataSet data : all) {
                table.row(
                        data.names().isEmpty() ? "-" : String.join(", ", data.names()),
                        data.digest().substring(0, 12),
                        data.source().sourceSet(),
                        data.source().profile(),
                        data.source().imageSize(),
                        data.size().samples(),
                        data.size().images(),
                        Times.of(data.recordedAt()));
            }
            terminal.result(table.toString());
            return 0;
        }
    }
}
