package perdura.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import perdura.cli.settings.Setting;
import perdura.cli.settings.Settings;
import perdura.cli.words.RunNames;
import perdura.cli.words.Terminal;
import perdura.datasets.text.Vocabulary;
import perdura.experiments.submit.DataCheck;
import perdura.experiments.submit.ForkPoint;
import perdura.experiments.submit.GitRevision;
import perdura.experiments.submit.PretrainPlan;
import perdura.grids.read.SpecReader;
import perdura.grids.spec.AirflowSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.RunId;
import perdura.store.Checkpoints;
import perdura.store.Fork;
import perdura.store.Forks;
import perdura.store.NewRun;
import perdura.store.Run;
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
            "--dry-run tells what the model and a step of each stage need, and starts nothing.",
            "Data that a DAG of Airflow brings (prepare.airflow) is checked by the worker after that.",
            "With --from it begins with the weights of another pre-training at the end of a stage; without -f the spec is that",
            "one's, with what --set changes.",
            "Ctrl-C leaves the run alone; 'perdura runs watch' comes back to it."
        })
final class PretrainCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final ConnectionFlags connection;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "SPEC.yaml",
            description = "the spec")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description =
                    "a value that wins over the spec's, for instance model.dropout=0.1; may be given several times")
    private List<String> settings = new ArrayList<>();

    @Option(
            names = "--from",
            paramLabel = "RUN",
            description =
                    "a pre-training that this one goes on from; what comes before --from-stage must be as it was there")
    private @Nullable RunId from;

    @Option(
            names = "--from-stage",
            paramLabel = "STAGE",
            description =
                    "the first stage that is trained, with --from; default: the one after the last that RUN has ended")
    private @Nullable Integer fromStage;

    @Option(
            names = "--dry-run",
            description = "check spec and data, print the parameters of each module and the memory of a step, and stop")
    private boolean dryRun;

    @Option(names = "--detach", description = "start the run and return")
    private boolean detach;

    PretrainCommand(Terminal terminal, ConnectionFlags connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() throws InterruptedException {
        requireSource();
        Settings servers = connection.load();
        WeightStore weights = WeightStores.of(connection);
        try (Connections connections = new Connections(terminal, servers)) {
            Run origin = from == null ? null : connections.runs().loadRun(from);
            PretrainSpec written = read(weights, origin);
            InitialWeights initial = InitialWeights.find(weights, written.initialWeights());
            AirflowSpec airflow = written.prepare().airflow();
            if (dryRun) {
                return tellNeeds(written, connections, initial);
            }
            if (airflow == null || origin != null) {
                initial.check(written.model(), DataCheck.checkFiles(written));
            } else {
                initial.check(written.model(), null);
                requireAirflow(servers, airflow);
                terminal.message("The data is checked when DAG " + airflow.dag() + " of Airflow has run.");
            }
            PretrainSpec spec = airflow == null ? DataCheck.pinned(written, connections.dataSets(), initial) : written;
            RunId runId = create(spec, origin, connections);
            connections.starter().start(runId);
            terminal.message("Run " + runId + " is started.");
            if (detach) {
                terminal.result(runId.value());
                return 0;
            }
            return connections.followed().followToEnd(runId);
        }
    }

    /** Asks the store only for what it alone knows: an ingested data set. */
    private int tellNeeds(PretrainSpec spec, Connections connections, InitialWeights initial) {
        AirflowSpec airflow = spec.prepare().airflow();
        if (airflow != null && spec.data().dataset() == null) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "prepare.airflow: --dry-run needs the vocabulary of data that DAG " + airflow.dag()
                            + " has yet to bring; run it, or name an ingested data set by --set data.dataset=NAME");
        }
        Vocabulary ofFiles = DataCheck.checkFiles(spec);
        if (ofFiles != null) {
            initial.check(spec.model(), ofFiles);
        }
        int vocabulary = ofFiles != null
                ? ofFiles.size()
                : DataCheck.vocabulary(DataCheck.pinned(spec, connections.dataSets(), initial), connections.dataSets());
        terminal.result(StepNeeds.of(spec, vocabulary));
        return 0;
    }

    private void requireSource() {
        if (from == null && fromStage != null) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "--from-stage " + fromStage + " needs --from RUN: whose weights it begins with");
        }
        if (from == null && file == null) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC, "-f SPEC.yaml says what is trained; or --from RUN what this goes on from");
        }
    }

    private PretrainSpec read(WeightStore weights, @Nullable Run origin) {
        return file == null
                ? SpecReader.ofRun(
                        Objects.requireNonNull(origin).identity().spec(), settings, WeightStores.names(weights))
                : SpecReader.readPretrain(file, settings, WeightStores.names(weights));
    }

    private RunId create(PretrainSpec spec, @Nullable Run origin, Connections connections) {
        RunId runId = new RunNames().next(spec.name());
        NewRun run = PretrainPlan.newRun(spec, runId, System.getProperty("user.name"), GitRevision.find(Path.of("")));
        if (origin == null) {
            connections.runs().createRun(run);
            return runId;
        }
        ForkPoint point = ForkPoint.find(
                origin, new Checkpoints(connections.database()).listStageEnds(origin.runId()), spec, fromStage);
        Fork fork = new Forks(connections.database()).create(point.mark(run), point.checkpoint(), point.stage());
        terminal.message("Run " + runId + ": " + fork.sentence() + ".");
        return runId;
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
