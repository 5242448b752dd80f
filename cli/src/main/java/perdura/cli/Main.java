package perdura.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.bridge.SLF4JBridgeHandler;
import perdura.cli.SweepCommands.Extend;
import perdura.cli.words.Terminal;
import perdura.experiments.steer.Verb;
import perdura.grids.read.SweepSchema;
import perdura.grids.spec.Durations;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.PlainText;
import perdura.grids.spec.RunId;
import perdura.grids.spec.SourceSet;
import perdura.training.method.Methods;
import perdura.training.tasks.Tasks;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.TypeConversionException;

/** Builds every object of the command line, runs one command, and exits with its status. */
public final class Main {
    private final Terminal terminal;
    private final PerduraCommand root = new PerduraCommand();
    private final ConnectionFlags connection;

    Main(Terminal terminal) {
        this(terminal, null);
    }

    /** @param servers that are open already and stay open, for several commands of one process; null: each command opens its own */
    Main(Terminal terminal, Connections.@Nullable Servers servers) {
        this.terminal = terminal;
        this.connection = new ConnectionFlags(terminal, servers);
    }

    public static void main(String[] arguments) {
        Terminal terminal = Terminal.ofProcess();
        LogSetup.configure(arguments);
        System.exit(new Main(terminal).run(arguments));
    }

    /** Runs a command line; returns 0 for done, 1 for failed, 2 for wrong usage. */
    int run(String... arguments) {
        return commandLine().execute(arguments);
    }

    CommandLine commandLine() {
        CommandLine line = new CommandLine(root);
        line.addSubcommand(connected(new QuickstartCommand()));
        line.addSubcommand(connected(new StackCommands.Up()));
        line.addSubcommand(connected(new StackCommands.Down()));
        line.addSubcommand(connected(new StackCommands.Status()));
        line.addSubcommand(connected(new PretrainCommand())
                .addSubcommand(local(
                        new SweepCommands.Schema(() -> Methods.load().specs().schema()))));
        line.addSubcommand(local(new MethodsCommand()));
        line.addSubcommand(local(new ClasspathCommand()));
        line.addSubcommand(connected(new ResumeCommand()));
        line.addSubcommand("runs", runs());
        line.addSubcommand("sweep", sweep());
        line.addSubcommand(connected(new LeaderboardCommand()));
        line.addSubcommand(connected(new CompareCommand()));
        line.addSubcommand(connected(new ReportCommand()).addSubcommand(connected(new PaperCommand())));
        line.addSubcommand(connected(new FiguresCommand()));
        line.addSubcommand(
                "mlflow",
                group("What MLflow has of the runs.")
                        .addSubcommand(connected(new MlflowCommands.Sync()))
                        .addSubcommand(connected(new MlflowCommands.Resend()))
                        .addSubcommand(connected(new MlflowEnvCommand())));
        line.addSubcommand(
                "data",
                group("Make, ingest and look at data sets.")
                        .addSubcommand(local(new DataSynthCommand()))
                        .addSubcommand(local(new DataCommands.Inspect()))
                        .addSubcommand(connected(new DataIngestCommand()))
                        .addSubcommand(connected(new DataCommands.Cancel()))
                        .addSubcommand(connected(new DataCommands.Listing()))
                        .addSubcommand(connected(new DataCommands.Show()))
                        .addSubcommand(connected(new DataSplitCommand()))
                        .addSubcommand(connected(new DataCommands.Leaks()))
                        .addSubcommand(connected(new DataBatchesCommand())));
        line.addSubcommand("weights", weights());
        line.addSubcommand(connected(new WorkerCommand()));
        line.addSubcommand(connected(new DoctorCommand()));
        line.addSubcommand(connected(new GcCommand()));
        line.addSubcommand(local(new Completion()));
        line.addSubcommand(connected(new StackCommands.Daemon()));
        line.registerConverter(Path.class, Main::path);
        line.registerConverter(Duration.class, Main::duration);
        line.registerConverter(SourceSet.class, Main::sourceSet);
        line.registerConverter(DataSynthCommand.SynthChoice.class, DataSynthCommand.SynthChoice::parse);
        line.registerConverter(RunId.class, Main::runId);
        addHelp(line);
        ErrorPrinter errors = new ErrorPrinter(terminal, root);
        line.setParameterExceptionHandler(errors);
        line.setExecutionExceptionHandler(errors);
        line.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
        line.setUsageHelpAutoWidth(true);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        return line;
    }

    private CommandLine runs() {
        return group("List, show and steer runs.")
                .addSubcommand(connected(new RunsCommands.Listing()))
                .addSubcommand(connected(new RunsShowCommand()))
                .addSubcommand(connected(new RunsCommands.Watch()))
                .addSubcommand("pause", tell(Verb.PAUSE))
                .addSubcommand("resume", connected(new ResumeCommand()))
                .addSubcommand("stop", tell(Verb.STOP));
    }

    private CommandLine sweep() {
        return group("Plan, submit, follow and steer sweeps.")
                .addSubcommand(connected(new SweepCommands.Plan()))
                .addSubcommand(connected(new SweepCommands.Check()))
                .addSubcommand(connected(new SweepSubmitCommand()))
                .addSubcommand(connected(new SweepCommands.Watch()))
                .addSubcommand(connected(new SweepCommands.Listing()))
                .addSubcommand("pause", steer(SweepSteerCommand.Kind.PAUSE))
                .addSubcommand(connected(new SweepSteerCommand.Resume()))
                .addSubcommand("stop", steer(SweepSteerCommand.Kind.STOP))
                .addSubcommand("cancel", steer(SweepSteerCommand.Kind.CANCEL))
                .addSubcommand(connected(new Extend()))
                .addSubcommand(connected(new SweepSteerCommand.Limits()))
                .addSubcommand(connected(new SweepCommands.Grids()))
                .addSubcommand(local(new SweepCommands.Schema(
                        () -> SweepSchema.write(Tasks.load().schemas()))));
    }

    private CommandLine steer(SweepSteerCommand.Kind kind) {
        CommandLine line = connected(new SweepSteerCommand(kind));
        line.getCommandSpec().usageMessage().description(kind.description());
        return line;
    }

    private CommandLine weights() {
        return group("Bring weights in and out.")
                .addSubcommand(connected(new WeightsImportCommand()))
                .addSubcommand(connected(new WeightsExportCommand()))
                .addSubcommand(local(new WeightsInspectCommand()))
                .addSubcommand(connected(new WeightsListCommand()));
    }

    private CommandLine tell(Verb verb) {
        RunsCommands.Tell command = new RunsCommands.Tell(verb);
        CommandLine line = connected(command);
        line.getCommandSpec().usageMessage().description(command.description());
        return line;
    }

    private static CommandLine group(String description) {
        CommandLine line = new CommandLine(new PerduraCommand.Group());
        line.getCommandSpec().usageMessage().description(description);
        return line;
    }

    private CommandLine connected(Subcommand command) {
        CommandLine line = local(command);
        connection.addTo(line.getCommandSpec());
        return line;
    }

    /** A command that takes no flags about servers. */
    private CommandLine local(Subcommand command) {
        command.with(terminal, connection);
        return new CommandLine(command);
    }

    private static void addHelp(CommandLine line) {
        line.getCommandSpec().mixinStandardHelpOptions(true);
        line.getSubcommands().values().forEach(Main::addHelp);
    }

    private static RunId runId(String text) {
        try {
            return new RunId(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }

    private static SourceSet sourceSet(String word) {
        List<String> words =
                Arrays.stream(SourceSet.values()).map(SourceSet::word).toList();
        return SourceSet.ofWord(word)
                .orElseThrow(() -> new TypeConversionException("unknown data set '" + word + "'; known are "
                        + String.join(", ", words) + Nearest.suggestion(word, words)));
    }

    /** Prints the completion script. */
    @Command(
            name = "completion",
            description = {"Print a completion script for bash and zsh.", "Use it with: source <(perdura completion)"})
    static final class Completion extends Subcommand {
        @Override
        public Integer call() {
            terminal.result(AutoComplete.bash("perdura", spec.root().commandLine()));
            return 0;
        }
    }

    /** As of a path in a spec: a line break in a name would begin a line of our own output. */
    private static Path path(String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new TypeConversionException(
                    "'" + PlainText.shown(text) + "' has control characters, which no path may have; rename it");
        }
        return Path.of(text);
    }

    private static Duration duration(String text) {
        return Durations.parse(text)
                .orElseThrow(() -> new TypeConversionException(
                        "not a duration: '" + text + "' (for instance 500ms, 60s, 5m, 2h)"));
    }

    /** Chooses where logs go, before anything logs: a command is quiet, a process that works for long tells what it does. */
    static final class LogSetup {
        private static final String SWITCH = "logback.configurationFile";

        private LogSetup() {}

        static void configure(String[] arguments) {
            List<String> words = Arrays.asList(arguments);
            if (System.getProperty(SWITCH) == null && !words.contains("worker")) {
                boolean isTalkative = words.contains("--debug") || words.contains("stack-daemon");
                System.setProperty(
                        SWITCH, "perdura/cli/" + (isTalkative ? "logback-talkative.xml" : "logback-quiet.xml"));
            }
            bridge();
        }

        /** A worker's logs: all into its folder, what people need to the console. */
        static void configureWorker(Path workDir) {
            if (System.getProperty(SWITCH) == null) {
                System.setProperty(SWITCH, "perdura/activities/worker/supervisor-logback.xml");
                System.setProperty(
                        "perdura.worker.log", workDir.resolve("worker.log").toString());
            }
        }

        private static void bridge() {
            SLF4JBridgeHandler.removeHandlersForRootLogger();
            SLF4JBridgeHandler.install();
        }
    }
}
