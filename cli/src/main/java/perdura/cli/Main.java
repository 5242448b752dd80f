package perdura.cli;

import perdura.cli.words.Terminal;
import picocli.CommandLine;

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
        line.addSubcommand(connected(new UpCommand(terminal, connection)));
        line.addSubcommand(connected(new DownCommand(terminal, connection)));
        line.addSubcommand(connected(new StatusCommand(terminal, connection)));
        line.addSubcommand(connected(new StackDaemonCommand(terminal, connection)));
        line.addSubcommand(new CompletionCommand(terminal));
        ErrorPrinter errors = new ErrorPrinter(terminal, root);
        line.setParameterExceptionHandler(errors);
        line.setExecutionExceptionHandler(errors);
        line.setUsageHelpAutoWidth(true);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        return line;
    }

    private CommandLine connected(Object command) {
        CommandLine line = new CommandLine(command);
        connection.addTo(line.getCommandSpec());
        return line;
    }
}
