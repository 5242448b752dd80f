package perdura.cli;

import java.util.concurrent.Callable;
import perdura.cli.words.Terminal;

/** A command that speaks to servers. Its connections are opened when first needed, and closed at its end. */
abstract class ConnectedCommand implements Callable<Integer> {
    final Terminal terminal;
    final ConnectionFlags connection;

    ConnectedCommand(Terminal terminal, ConnectionFlags connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public final Integer call() throws InterruptedException {
        try (Connections connections = new Connections(terminal, connection.load(), access())) {
            return run(connections);
        }
    }

    /** Does its work; returns the status for the shell. */
    abstract int run(Connections connections) throws InterruptedException;

    /** What it does to the store: a command that only reads leaves an older schema as it is. */
    Connections.Access access() {
        return Connections.Access.READ;
    }
}
