package perdura.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import perdura.cli.settings.Setting;
import perdura.cli.stack.StackControl;
import perdura.cli.stack.StackDaemon;
import perdura.cli.stack.StackHome;
import perdura.cli.stack.StackOptions;
import perdura.cli.stack.StackState;
import perdura.cli.words.Json;
import perdura.cli.words.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Commands about the local stack. */
final class StackCommands {
    private StackCommands() {}

    /** Starts the local stack in the background. */
    @Command(
            name = "up",
            mixinStandardHelpOptions = true,
            description = {
                "Start Postgres, Temporal, MLflow and a worker in the background, with their data in .perdura/.",
                "A server that is named by a flag, a variable or perdura.yaml is used instead of an own one."
            })
    static final class Up implements Callable<Integer> {
        private final Terminal terminal;
        private final ConnectionFlags connection;

        @Mixin
        private StackFlags flags = new StackFlags();

        Up(Terminal terminal, ConnectionFlags connection) {
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

    /** Ends the local stack. */
    @Command(
            name = "down",
            mixinStandardHelpOptions = true,
            description = "End the local stack in order: the worker commits first. Nothing is lost; 'perdura up' goes on.")
    static final class Down implements Callable<Integer> {
        private final Terminal terminal;
        private final ConnectionFlags connection;

        Down(Terminal terminal, ConnectionFlags connection) {
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

    /** Shows the local stack. */
    @Command(name = "status", mixinStandardHelpOptions = true, description = "Show the parts of the local stack.")
    static final class Status implements Callable<Integer> {
        private final Terminal terminal;
        private final ConnectionFlags connection;

        @Option(names = "--json", description = "as JSON")
        private boolean json;

        Status(Terminal terminal, ConnectionFlags connection) {
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

    /** The background process of {@code perdura up}. */
    @Command(name = "stack-daemon", hidden = true, description = "Supervise the local stack in the foreground.")
    static final class Daemon implements Callable<Integer> {
        private final Terminal terminal;
        private final ConnectionFlags connection;

        @Mixin
        private StackFlags flags = new StackFlags();

        Daemon(Terminal terminal, ConnectionFlags connection) {
            this.terminal = terminal;
            this.connection = connection;
        }

        @Override
        public Integer call() throws InterruptedException {
            new StackDaemon(
                            connection.stackHome(),
                            flags.options(connection.loadGiven().values()),
                            terminal.environment())
                    .run();
            return 0;
        }
    }
}
