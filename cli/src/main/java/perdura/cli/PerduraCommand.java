package perdura.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command without a subcommand: says what there is. */
@Command(
        name = "perdura",
        versionProvider = PerduraCommand.Version.class,
        description = "Pre-training of medical vision-language models that survives anything.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Begin with: perdura quickstart"})
final class PerduraCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "show stack traces and the libraries' logs")
    private boolean debug;

    boolean isDebug() {
        return debug;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "which command? " + spec.subcommands().keySet());
    }

    /** What {@code --version} prints. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"perdura 0.1.0", "Java " + Runtime.version()};
        }
    }

    /** A word that only groups commands, such as {@code runs}. */
    @Command(synopsisSubcommandLabel = "COMMAND")
    static final class Group implements Runnable {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public void run() {
            throw new ParameterException(
                    spec.commandLine(),
                    "which of " + String.join(", ", spec.subcommands().keySet()) + "?");
        }
    }
}
