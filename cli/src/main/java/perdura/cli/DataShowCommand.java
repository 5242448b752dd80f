package perdura.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Json;
import perdura.cli.words.Terminal;
import perdura.store.StoredDataSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the report of an ingested data set. */
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        description = "Show what an ingest kept and left out, and where its report page and arrays lie.")
final class DataShowCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final ConnectionFlags connection;

    @Parameters(index = "0", paramLabel = "NAME", description = "name or digest of the data set")
    private @Nullable String data;

    @Option(names = "--json", description = "the report as JSON")
    private boolean json;

    DataShowCommand(Terminal terminal, ConnectionFlags connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() {
        try (Connections connections = Connections.forReading(terminal, connection.load())) {
            StoredDataSet found = connections.dataSets().loadDataSet(Objects.requireNonNull(data));
            DataReportFiles files = DataReportFiles.of(found);
            if (json) {
                terminal.result(Json.of(files.json()));
            } else {
                terminal.result(files.text().stripTrailing());
                terminal.message("Page: " + files.page());
                terminal.message("Arrays: " + files.folder());
            }
            return 0;
        }
    }
}
