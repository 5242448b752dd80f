package perdura.cli;

import perdura.cli.words.Terminal;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the completion script. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = {"Print a completion script for bash and zsh.", "Use it with: source <(perdura completion)"})
final class CompletionCommand implements Runnable {
    private final Terminal terminal;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    CompletionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        terminal.result(AutoComplete.bash("perdura", spec.root().commandLine()));
    }
}
