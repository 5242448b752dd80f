package perdura.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import perdura.cli.follow.RunFollower;
import perdura.cli.words.Terminal;
import perdura.experiments.submit.RunStarter;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.Run;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Tells a run to pause or to stop. */
@Command(mixinStandardHelpOptions = true)
final class RunsSignalCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final ConnectionFlags connection;
    private final Kind kind;

    @Parameters(index = "0", paramLabel = "RUN", description = "the run's id")
    private @Nullable RunId runId;

    /** What a run is told. */
    enum Kind {
        PAUSE("Pause a run: it commits at its next step boundary and waits."),
        STOP("Stop a run for good: it commits at its next step boundary. 'perdura resume' can still go on.");

        private final String description;

        Kind(String description) {
            this.description = description;
        }

        String description() {
            return description;
        }
    }

    RunsSignalCommand(Terminal terminal, ConnectionFlags connection, Kind kind) {
        this.terminal = terminal;
        this.connection = connection;
        this.kind = kind;
    }

    @Override
    public Integer call() {
        RunId wanted = Objects.requireNonNull(runId);
        try (Connections connections = new Connections(terminal, connection.load())) {
            Run run = connections.runs().loadRun(wanted);
            if (RunFollower.isEnded(run)) {
                terminal.message("Run " + wanted + " has ended already: " + run.status() + ".");
                return 1;
            }
            RunStarter starter = connections.starter();
            if (kind == Kind.PAUSE) {
                starter.pause(wanted);
                terminal.message("The run pauses at its next step boundary. Go on with: perdura resume " + wanted);
            } else if (starter.isRunning(wanted)) {
                starter.stop(wanted);
                terminal.message("The run stops at its next step boundary; what is committed stays.");
            } else {
                // Its workflow is gone with the memory of an embedded Temporal: nobody else can end it.
                connections.runs().finishRun(wanted, RunStatus.KILLED, null, null);
                terminal.message("The run had no workflow any more; it is marked as stopped.");
            }
        }
        return 0;
    }
}
