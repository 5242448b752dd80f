package perdura.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.cli.settings.Setting;
import perdura.cli.settings.Settings;
import perdura.cli.words.Table;
import perdura.experiments.steer.Thing;
import perdura.experiments.steer.Thing.Kind;
import perdura.experiments.steer.Verb;
import perdura.experiments.submit.PretrainSubmission;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.PretrainSpec.AirflowSpec;
import perdura.grids.spec.RunId;
import perdura.store.Run;
import perdura.training.method.Method;
import perdura.training.method.Method.StepMemory;
import perdura.training.method.Methods;
import perdura.training.nn.StateDictLayout;
import perdura.training.weights.WeightStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Starts a pre-training. */
@Command(
        name = "pretrain",
        description = {
            "Start a pre-training and follow it. Spec and data are checked first: nothing starts on bad input.",
            "--dry-run tells what the model and a step of each stage need, and starts nothing.",
            "Data that a DAG of Airflow brings (prepare.airflow) is checked by the worker after that.",
            "With --from it begins with the weights of another pre-training at the end of a stage; without -f the spec is that",
            "one's, with what --set changes.",
            "Ctrl-C leaves the run alone; 'perdura runs watch' comes back to it."
        })
final class PretrainCommand extends Subcommand.Connected {
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
    private @Nullable String from;

    @Option(
            names = "--from-stage",
            paramLabel = "STAGE",
            description =
                    "the first stage that is trained, with --from; default: the one after the last that RUN has ended")
    private @Nullable Integer fromStage;

    @Option(
            names = "--dry-run",
            description =
                    "check all that a start checks, print the parameters of each module and the memory of a step, and stop")
    private boolean dryRun;

    @Option(names = "--detach", description = "start the run and return")
    private boolean detach;

    @Override
    int run(Connections connections) throws InterruptedException {
        requireSource();
        WeightStore weights = connection.weights();
        Run origin = from == null ? null : origin(connections, from);
        PretrainSpec written = read(weights, origin);
        PretrainSubmission submission = new PretrainSubmission(connections::database, weights);
        AirflowSpec airflow = written.execution().prepare().airflow();
        if (airflow != null && origin == null) {
            requireAirflow(connections.settings(), airflow);
        }
        PretrainSubmission.Checked checked = submission.check(written, origin, fromStage);
        if (dryRun) {
            terminal.result(StepNeeds.of(written, submission.vocabulary(checked)));
            return 0;
        }
        if (airflow != null && origin == null) {
            terminal.message("The data is checked when DAG " + airflow.dag() + " of Airflow has run.");
        }
        PretrainSubmission.Created created = submission.submit(checked, connections.starter());
        RunId runId = created.runId();
        created.fork().ifPresent(fork -> terminal.message("Run " + runId + ": " + fork.sentence() + "."));
        terminal.message("Run " + runId + " is started.");
        if (detach) {
            terminal.result(runId.value());
            return 0;
        }
        return connections.followed().followToEnd(runId);
    }

    @Override
    Connections.Access access() {
        return dryRun ? Connections.Access.READ : Connections.Access.CHANGE;
    }

    private static Run origin(Connections connections, String from) {
        Thing thing = connections.things().require(Verb.FORK, from, EnumSet.of(Kind.PRETRAINING));
        return connections.runs().loadRun(new RunId(thing.id()));
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
                ? Methods.load()
                        .specs()
                        .ofRun(Objects.requireNonNull(origin).identity().spec(), settings, names(weights))
                : Methods.load().specs().read(file, settings, names(weights));
    }

    /** What a spec may name. */
    private static ReferenceNames names(WeightStore store) {
        return new ReferenceNames() {
            @Override
            public Optional<String> findDigest(ParameterType.Reference.Kind kind, String nameOrDigest) {
                return store.findDigest(nameOrDigest);
            }

            @Override
            public Collection<String> known(ParameterType.Reference.Kind kind) {
                return store.known();
            }
        };
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

    /** What a pre-training needs before anything of it runs: the parameters of each module, the memory of a step of each stage. */
    static final class StepNeeds {
        private StepNeeds() {}

        /** @param vocabulary number of WordPieces */
        static String of(PretrainSpec spec, int vocabulary) {
            Method method = Methods.load().of(spec);
            List<String> parts = new ArrayList<>();
            parts.add(parameters(method.layout(spec, vocabulary)));
            parts.add("");
            parts.add(memory(spec, method.memory(spec, vocabulary)));
            parts.add("");
            Integer chunk = spec.microBatchSize();
            parts.add("A step takes " + spec.batchSize() + " studies, "
                    + (chunk == null
                            ? "all at a time (microBatchSize: null)"
                            : chunk + " at a time (microBatchSize: " + chunk + ")")
                    + method.pairModels()
                            .map(models -> ", texts of " + models.textLength(spec) + " pieces at most")
                            .orElse("")
                    + ". Above what a process needs without a model;"
                    + " activations are counted for the processor.");
            return String.join(System.lineSeparator(), parts);
        }

        private static String parameters(StateDictLayout layout) {
            Map<String, Long> modules = new LinkedHashMap<>();
            for (String name : layout.parameterNames()) {
                modules.computeIfAbsent(module(name), layout::countParameters);
            }
            Table table = new Table("MODULE", "PARAMETERS");
            modules.forEach((module, count) -> table.row(module, number(count)));
            return table.row("all", number(layout.countParameters(""))).toString();
        }

        /** Encoders and projections by their parts, all others whole. */
        private static String module(String name) {
            String[] words = name.split("\\.", 3);
            return switch (words[0]) {
                case "image", "text", "projection" -> words[0] + "." + words[1];
                default -> words[0];
            };
        }

        private static String memory(PretrainSpec spec, List<StepMemory> memories) {
            Table table = new Table("STAGE", "WEIGHTS", "GRADIENTS", "MOMENTS", "ACTIVATIONS", "ALL");
            for (int i = 0; i < memories.size(); i++) {
                StepMemory memory = memories.get(i);
                table.row(
                        spec.stageNumbers().get(i),
                        gigabytes(memory.weights()),
                        gigabytes(memory.gradients()),
                        gigabytes(memory.moments()),
                        gigabytes(memory.activations()),
                        gigabytes(memory.total()));
            }
            return table.toString();
        }

        private static String number(long count) {
            return String.format(Locale.ROOT, "%,d", count);
        }

        private static String gigabytes(long bytes) {
            return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
        }
    }
}
