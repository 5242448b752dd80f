package perdura.cli;

import java.util.concurrent.Callable;
import perdura.cli.stack.StackHome;
import perdura.cli.stack.StackState;
import perdura.cli.words.Json;
import perdura.cli.words.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows the local stack. */
@Command(name = "status", mixinStandardHelpOptions = true, description = "Show the parts of the local stack.")
final class StatusCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final ConnectionFlags connection;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    StatusCommand(Terminal terminal, ConnectionFlags connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() {
        StackHome home = connection.stackHome();
        StackState state = home.loadState();
        if (json) {
            terminal.result(Json.of(StackTable.json(state)));
            return 0;
        }
        if (state.isAnythingAlive()) {
            terminal.result(StackTable.of(state));
            StackTable.warnings(state).forEach(terminal::message);
        }
        if (!state.isOwned()) {
            terminal.message(
                    state.isAnythingAlive()
                            ? "Nobody supervises the stack; 'perdura up' takes it over, 'perdura down' ends it."
                            : "No stack runs in " + home.folder() + "; 'perdura up' starts one.");
        }
        return 0;
    }
}
