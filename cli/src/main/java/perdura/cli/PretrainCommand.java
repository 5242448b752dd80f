package perdura.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import perdura.cli.follow.GitRevision;
import perdura.cli.follow.PretrainPlan;
import perdura.cli.follow.RunStarter;
import perdura.cli.settings.Setting;
import perdura.cli.settings.Settings;
import perdura.cli.words.RunNames;
import perdura.cli.words.Terminal;
import perdura.grids.read.SpecReader;
import perdura.grids.spec.AirflowSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.training.weights.InitialWeights;
import perdura.training.weights.WeightStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Starts a pre-training. */
@Command(
        name = "pretrain",
        mixinStandardHelpOptions = true,
        description = {
            "Start a pre-training and follow it. Spec and data are checked first: nothing starts on bad input.",
            "Data that a DAG of Airflow brings (prepare.airflow) is checked by the worker after that.",
            "Ctrl-C leaves the run alone; 'perdura runs watch' comes back to it."
        })
final class PretrainCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final ConnectionFlags connection;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "SPEC.yaml",
            required = true,
            description = "the spec")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description =
                    "a value that wins over the spec's, for instance model.dropout=0.1; may be given several times")
    private List<String> settings = new ArrayList<>();

    @Option(names = "--detach", description = "start the run and return")
    private boolean detach;

    PretrainCommand(Terminal terminal, ConnectionFlags connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() throws InterruptedException {
        WeightStore weights = WeightStores.of(connection);
        PretrainSpec written =
                SpecReader.readPretrain(Objects.requireNonNull(file), settings, WeightStores.names(weights));
        InitialWeights initial = InitialWeights.find(weights, written.initialWeights());
        Settings servers = connection.load();
        AirflowSpec airflow = written.prepare().airflow();
        if (airflow == null) {
            initial.check(written.model(), DataCheck.checkFiles(written));
        } else {
            initial.check(written.model(), null);
            requireAirflow(servers, airflow);
            terminal.message("The data is checked when DAG " + airflow.dag() + " of Airflow has run.");
        }
        try (Connections connections = new Connections(terminal, servers)) {
            PretrainSpec spec = airflow == null ? DataCheck.pinned(written, connections.dataSets(), initial) : written;
            RunStarter starter = connections.starter();
            RunId runId = new RunNames().next(spec.name());
            connections
                    .runs()
                    .createRun(PretrainPlan.newRun(
                            spec, runId, System.getProperty("user.name"), GitRevision.find(Path.of(""))));
            starter.start(runId);
            terminal.message("Run " + runId + " is started.");
            if (detach) {
                terminal.result(runId.value());
                return 0;
            }
            return connections.followed().followToEnd(runId);
        }
    }

    private static void requireAirflow(Settings servers, AirflowSpec airflow) {
        if (servers.airflow().isEmpty()) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "prepare.airflow: DAG " + airflow.dag()
                            + " must run first, and no setting says where Airflow is; set "
                            + Setting.AIRFLOW_URL.variable() + " (or " + Setting.AIRFLOW_URL.flag() + ", or "
                            + Setting.AIRFLOW_URL.key() + " in perdura.yaml) here and for the worker");
        }
    }
}
