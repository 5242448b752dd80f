package perdura.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import perdura.cli.settings.Setting;
import perdura.cli.stack.StackControl;
import perdura.cli.stack.StackHome;
import perdura.cli.stack.StackOptions;
import perdura.cli.stack.StackState;
import perdura.cli.words.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Starts the local stack in the background. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        description = {
            "Start Postgres, Temporal, MLflow and a worker in the background, with their data in .perdura/.",
            "A server that is named by a flag, a variable or perdura.yaml is used instead of an own one."
        })
final class UpCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final ConnectionFlags connection;

    @Mixin
    private StackFlags flags = new StackFlags();

    UpCommand(Terminal terminal, ConnectionFlags connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() throws InterruptedException {
        StackHome home = connection.stackHome();
        if (home.loadState().isOwned()) {
            terminal.message("The stack in " + home.folder() + " runs already.");
            terminal.result(StackTable.of(home.loadState()));
            return 0;
        }
        terminal.message("Starting the stack in " + home.folder());
        Map<Setting, String> given = connection.loadGiven().values();
        StackOptions options = flags.options(given);
        StackState state =
                new StackControl(home, terminal.environment()).start(options, line -> terminal.message("  " + line));
        terminal.result(StackTable.of(state));
        StackTable.warnings(state).forEach(terminal::message);
        return StackTable.isUsable(state) ? 0 : 1;
    }
}
