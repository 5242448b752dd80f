package perdura.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import perdura.cli.RunsCommands.Tell.Kind;
import perdura.cli.words.Terminal;
import perdura.grids.codec.Durations;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.RunId;
import perdura.grids.spec.SourceSet;
import perdura.training.method.Methods;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Builds every object of the command line, runs one command, and exits with its status. */
public final class Main {
    private final Terminal terminal;
    private final PerduraCommand root = new PerduraCommand();
    private final ConnectionFlags connection;

    Main(Terminal terminal) {
        this.terminal = terminal;
        this.connection = new ConnectionFlags(terminal);
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
        line.addSubcommand(connected(new QuickstartCommand(terminal, connection)));
        line.addSubcommand(connected(new StackCommands.Up(terminal, connection)));
        line.addSubcommand(connected(new StackCommands.Down(terminal, connection)));
        line.addSubcommand(connected(new StackCommands.Status(terminal, connection)));
        line.addSubcommand(connected(new PretrainCommand(terminal, connection))
                .addSubcommand(new SweepCommands.Schema(
                        terminal, () -> Methods.load().specs().schema())));
        line.addSubcommand(new MethodsCommand(terminal));
        line.addSubcommand(connected(new ResumeCommand(terminal, connection)));
        line.addSubcommand("runs", runs());
        line.addSubcommand("sweep", sweep());
        line.addSubcommand(connected(new LeaderboardCommand(terminal, connection)));
        line.addSubcommand(connected(new CompareCommand(terminal, connection)));
        line.addSubcommand(connected(new ReportCommand(terminal, connection)));
        line.addSubcommand(connected(new FiguresCommand(terminal, connection)));
        line.addSubcommand(
                "mlflow",
                group("What MLflow has of the runs.")
                        .addSubcommand(connected(new MlflowSyncCommand(terminal, connection))));
        line.addSubcommand(
                "data",
                group("Make, ingest and look at data sets.")
                        .addSubcommand(new DataSynthCommand(terminal))
                        .addSubcommand(new DataCommands.Inspect(terminal))
                        .addSubcommand(connected(new DataIngestCommand(terminal, connection)))
                        .addSubcommand(connected(new DataCommands.Listing(terminal, connection)))
                        .addSubcommand(connected(new DataCommands.Show(terminal, connection)))
                        .addSubcommand(connected(new DataSplitCommand(terminal, connection)))
                        .addSubcommand(connected(new DataCommands.Leaks(terminal, connection)))
                        .addSubcommand(connected(new DataBatchesCommand(terminal, connection))));
        line.addSubcommand("weights", weights());
        line.addSubcommand(connected(new WorkerCommand(connection)));
        line.addSubcommand(connected(new DoctorCommand(terminal, connection)));
        line.addSubcommand(connected(new GcCommand(terminal, connection)));
        line.addSubcommand(new Completion(terminal));
        line.addSubcommand(connected(new StackCommands.Daemon(terminal, connection)));
        line.registerConverter(Duration.class, new TimeConverter());
        line.registerConverter(SourceSet.class, new SourceSetConverter());
        line.registerConverter(DataSynthCommand.SynthChoice.class, DataSynthCommand.SynthChoice::parse);
        line.registerConverter(RunId.class, new RunIdConverter());
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
                .addSubcommand(connected(new RunsCommands.Listing(terminal, connection)))
                .addSubcommand(connected(new RunsShowCommand(terminal, connection)))
                .addSubcommand(connected(new RunsCommands.Watch(terminal, connection)))
                .addSubcommand("pause", signal(Kind.PAUSE))
                .addSubcommand("resume", connected(new ResumeCommand(terminal, connection)))
                .addSubcommand("stop", signal(Kind.STOP));
    }

    private CommandLine sweep() {
        return group("Plan, submit, follow and steer sweeps.")
                .addSubcommand(connected(new SweepCommands.Plan(terminal, connection)))
                .addSubcommand(connected(new SweepSubmitCommand(terminal, connection)))
                .addSubcommand(connected(new SweepCommands.Watch(terminal, connection)))
                .addSubcommand(connected(new SweepCommands.Listing(terminal, connection)))
                .addSubcommand("pause", steer(SweepSteerCommand.Kind.PAUSE))
                .addSubcommand("resume", steer(SweepSteerCommand.Kind.RESUME))
                .addSubcommand("stop", steer(SweepSteerCommand.Kind.STOP))
                .addSubcommand("cancel", steer(SweepSteerCommand.Kind.CANCEL))
                .addSubcommand(connected(new SweepExtendCommand(terminal, connection)))
                .addSubcommand(connected(new SweepSteerCommand.Limits(terminal, connection)))
                .addSubcommand(new SweepCommands.Grids(terminal))
                .addSubcommand(SweepCommands.Schema.ofSweeps(terminal));
    }

    private CommandLine steer(SweepSteerCommand.Kind kind) {
        CommandLine line = connected(new SweepSteerCommand(terminal, connection, kind));
        line.getCommandSpec().usageMessage().description(kind.description());
        return line;
    }

    private CommandLine weights() {
        return group("Bring weights in and out.")
                .addSubcommand(connected(new WeightsImportCommand(terminal, connection)))
                .addSubcommand(connected(new WeightsExportCommand(terminal, connection)))
                .addSubcommand(new WeightsInspectCommand(terminal))
                .addSubcommand(connected(new WeightsListCommand(terminal, connection)));
    }

    private CommandLine signal(Kind kind) {
        CommandLine line = connected(new RunsCommands.Tell(terminal, connection, kind));
        line.getCommandSpec().usageMessage().description(kind.description());
        return line;
    }

    private static CommandLine group(String description) {
        CommandLine line = new CommandLine(new PerduraCommand.Group());
        line.getCommandSpec().usageMessage().description(description);
        return line;
    }

    private CommandLine connected(Object command) {
        CommandLine line = new CommandLine(command);
        connection.addTo(line.getCommandSpec());
        return line;
    }

    /** Reads run ids. */
    static final class RunIdConverter implements ITypeConverter<RunId> {
        @Override
        public RunId convert(String text) {
            try {
                return new RunId(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }

    /** Reads the word of a data set: {@code mimic-cxr}. */
    static final class SourceSetConverter implements ITypeConverter<SourceSet> {
        @Override
        public SourceSet convert(String word) {
            return SourceSet.ofWord(word).orElseThrow(() -> {
                var words =
                        Arrays.stream(SourceSet.values()).map(SourceSet::word).toList();
                return new TypeConversionException("unknown data set '" + word + "'; known are "
                        + words.stream().collect(Collectors.joining(", ")) + Nearest.suggestion(word, words));
            });
        }
    }

    /** Prints the completion script. */
    @Command(
            name = "completion",
            mixinStandardHelpOptions = true,
            description = {"Print a completion script for bash and zsh.", "Use it with: source <(perdura completion)"})
    static final class Completion implements Runnable {
        private final Terminal terminal;

        @Spec
        private CommandSpec spec = CommandSpec.create();

        Completion(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public void run() {
            terminal.result(AutoComplete.bash("perdura", spec.root().commandLine()));
        }
    }

    /** Reads durations as specs write them. */
    static final class TimeConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            return Durations.parse(text)
                    .orElseThrow(() -> new TypeConversionException(
                            "not a duration: '" + text + "' (for instance 500ms, 60s, 5m, 2h)"));
        }
    }
}
