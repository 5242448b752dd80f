package perdura.cli;

import java.util.concurrent.Callable;
import perdura.cli.words.Terminal;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command. Where it speaks to, people and servers, is given to it when the command line is built. */
@SuppressWarnings("NullAway.Init") // see with
abstract class Subcommand implements Callable<Integer> {
    Terminal terminal;
    ConnectionFlags connection;

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** Gives it what it speaks to. */
    final void with(Terminal people, ConnectionFlags servers) {
        this.terminal = people;
        this.connection = servers;
    }

    /** Wrong usage: of what the user is told first, and then how the command is used. */
    final ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** As {@link #wrong(String)}, for a value that somebody else has found wrong. */
    final ParameterException wrong(IllegalArgumentException e) {
        return new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }

    /** A command that speaks to servers. Its connections are opened when first needed, and closed at its end. */
    abstract static class Connected extends Subcommand {
        @Override
        public final Integer call() throws InterruptedException {
            try (Connections connections = connection.open(access())) {
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

    /** A command that changes what the store has. */
    abstract static class Changing extends Connected {
        @Override
        final Connections.Access access() {
            return Connections.Access.CHANGE;
        }
    }
}
