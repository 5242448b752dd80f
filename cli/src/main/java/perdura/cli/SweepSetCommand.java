package perdura.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Terminal;
import perdura.store.StoredSweep;
import perdura.workflows.SweepWorkflow;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Changes how a sweep runs while it runs. */
@Command(
        name = "set",
        mixinStandardHelpOptions = true,
        description = "Change how many trials of a sweep run at once, or how urgent they are, while it runs.")
final class SweepSetCommand implements Callable<Integer> {
    private static final int MOST_AT_ONCE = 2_000;

    private final Terminal terminal;
    private final ConnectionFlags connection;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "SWEEP", description = "the sweep's id, or a name: then its newest")
    private @Nullable String sweep;

    @Option(names = "--concurrency", paramLabel = "N", description = "trials at once; auto: as many as there are slots")
    private @Nullable String concurrency;

    @Option(names = "--priority", paramLabel = "1-5", description = "1 goes first, 5 last")
    private @Nullable Integer priority;

    SweepSetCommand(Terminal terminal, ConnectionFlags connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() {
        if (concurrency == null && priority == null) {
            throw new ParameterException(spec.commandLine(), "give --concurrency or --priority");
        }
        if (priority != null && (priority < 1 || priority > 5)) {
            throw new ParameterException(spec.commandLine(), "--priority must be 1 to 5, was " + priority);
        }
        @Nullable Integer atOnce = atOnce();
        try (Connections connections = new Connections(terminal, connection.load())) {
            SweepTools tools = SweepTools.of(connections.database(), WeightStores.artifacts(connection));
            StoredSweep found = tools.sweeps().load(Objects.requireNonNull(sweep));
            tools.control().setLimits(found.sweepId(), atOnce, priority);
            connections.sweepStarter().signal(found.sweepId(), SweepWorkflow::changed);
            StoredSweep now = tools.sweeps().load(found.sweepId());
            terminal.message("Sweep " + now.sweepId() + ": "
                    + (now.limits().concurrency() == 0 ? "auto" : now.limits().concurrency()) + " at once, priority "
                    + now.limits().priority() + ".");
            return 0;
        }
    }

    private @Nullable Integer atOnce() {
        if (concurrency == null) {
            return null;
        }
        if (concurrency.equals("auto")) {
            return 0;
        }
        if (!concurrency.matches("[1-9][0-9]{0,3}") || Integer.parseInt(concurrency) > MOST_AT_ONCE) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--concurrency must be auto or 1 to " + MOST_AT_ONCE + ", was '" + concurrency + "'");
        }
        return Integer.valueOf(concurrency);
    }
}
