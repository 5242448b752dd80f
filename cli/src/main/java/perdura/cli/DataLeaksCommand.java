package perdura.cli;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Json;
import perdura.cli.words.Terminal;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetMembers;
import perdura.datasets.data.SplitRows;
import perdura.datasets.split.leak.LeakCheck;
import perdura.datasets.split.leak.LeakReport;
import perdura.grids.spec.DataSpec;
import perdura.store.DataSets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares two data sets. */
@Command(
        name = "leaks",
        mixinStandardHelpOptions = true,
        description = {
            "Tell which patients and images of a downstream data set a pre-training on another one would have seen.",
            "Exits with 1 if there are any. 'perdura pretrain' asks the same before it starts."
        })
final class DataLeaksCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final ConnectionFlags connection;

    @Parameters(index = "0", paramLabel = "TRAINED", description = "data set of the pre-training: name or digest")
    private @Nullable String trained;

    @Parameters(index = "1", paramLabel = "TESTED", description = "downstream data set: name or digest")
    private @Nullable String tested;

    @Option(names = "--split", description = "which official splits are trained on: train or all; default: train")
    private DataSpec.Split split = DataSpec.Split.TRAIN;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    DataLeaksCommand(Terminal terminal, ConnectionFlags connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() {
        try (Connections connections = Connections.forReading(terminal, connection.load())) {
            DataSet first = open(connections.dataSets(), Objects.requireNonNull(trained));
            DataSet second = open(connections.dataSets(), Objects.requireNonNull(tested));
            LeakReport report = LeakCheck.compare(
                    new DataSetMembers(
                            first, trained, split.name().toLowerCase(Locale.ROOT), SplitRows.of(first, split)),
                    new DataSetMembers(second, tested, "all images", SplitRows.of(second, DataSpec.Split.ALL)),
                    List.of());
            terminal.result(json ? Json.of(report) : report.message());
            return report.leaks() ? 1 : 0;
        }
    }

    private static DataSet open(DataSets dataSets, String name) {
        return DataSet.open(dataSets.loadDataSet(name).folder());
    }
}
