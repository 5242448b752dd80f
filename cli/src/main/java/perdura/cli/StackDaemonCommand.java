package perdura.cli;

import java.util.concurrent.Callable;
import perdura.cli.stack.StackDaemon;
import perdura.cli.words.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The background process of {@code perdura up}. */
@Command(name = "stack-daemon", hidden = true, description = "Supervise the local stack in the foreground.")
final class StackDaemonCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final ConnectionFlags connection;

    @Mixin
    private StackFlags flags = new StackFlags();

    StackDaemonCommand(Terminal terminal, ConnectionFlags connection) {
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
