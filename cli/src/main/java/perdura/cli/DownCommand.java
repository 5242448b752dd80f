package perdura.cli;

import java.util.concurrent.Callable;
import perdura.cli.stack.StackControl;
import perdura.cli.stack.StackHome;
import perdura.cli.words.Terminal;
import picocli.CommandLine.Command;

/** Ends the local stack. */
@Command(
        name = "down",
        mixinStandardHelpOptions = true,
        description = "End the local stack in order: the worker commits first. Nothing is lost; 'perdura up' goes on.")
final class DownCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final ConnectionFlags connection;

    DownCommand(Terminal terminal, ConnectionFlags connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() {
        StackHome home = connection.stackHome();
        if (home.loadState().isAnythingAlive()) {
            terminal.message("Ending the stack in " + home.folder() + "; running work is committed first");
        }
        boolean ended = new StackControl(home, terminal.environment()).stop();
        terminal.message(ended ? "The stack is down." : "No stack runs in " + home.folder() + ".");
        return 0;
    }
}
