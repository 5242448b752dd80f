package perdura.cli;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import perdura.cli.sweep.PlanText;
import perdura.cli.words.Terminal;
import perdura.experiments.plan.SweepPlan;
import perdura.experiments.submit.SweepStarter;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SweepExpansion;
import perdura.store.StoredSweep;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Submits a sweep. */
@Command(
        name = "submit",
        mixinStandardHelpOptions = true,
        description = {
            "Run what is missing of a sweep, and follow it. The file is checked first: nothing starts on bad input.",
            "The same sweep again goes on with what is left of it; an edited one runs only what is new.",
            "Ctrl-C leaves the sweep alone; 'perdura sweep watch' comes back to it."
        })
final class SweepSubmitCommand implements Callable<Integer> {
    /** What is larger is asked about. */
    private static final long LARGE = 1_000;

    private static final Duration LONG = Duration.ofHours(24);

    private final Terminal terminal;
    private final ConnectionFlags connection;

    @Mixin
    private SweepFlags flags = new SweepFlags();

    @Option(names = "--retry-failed", description = "run trials again that failed before")
    private boolean retryFailed;

    @Option(names = "--detach", description = "start the sweep and return")
    private boolean detach;

    SweepSubmitCommand(Terminal terminal, ConnectionFlags connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (Connections connections = new Connections(terminal, connection.load())) {
            SweepTools tools = SweepTools.of(connections.database(), WeightStores.artifacts(connection));
            SweepExpansion expansion = tools.read(flags);
            SweepPlan plan = tools.planner().plan(expansion, retryFailed);
            terminal.message(PlanText.of(expansion.spec(), plan));
            SweepStarter starter = connections.sweepStarter();
            Optional<StoredSweep> same =
                    tools.sweeps().findSame(expansion.spec().name(), plan.fingerprint());
            if (same.isPresent() && isDone(same.get(), plan)) {
                terminal.message("Nothing is left to run: " + same.get().sweepId() + " has all results.");
                terminal.result(same.get().sweepId());
                return 0;
            }
            if (plan.toRun(retryFailed) > 0) {
                confirm(plan);
            }
            tools.createPretrainings(retryFailed);
            String sweepId = same.isPresent() ? takeUp(tools, same.get()) : tools.create(expansion, plan.fingerprint());
            if (retryFailed) {
                tools.control().retryFailed(sweepId);
            }
            starter.start(sweepId);
            terminal.message("Sweep " + sweepId + " is under way.");
            if (detach) {
                terminal.result(sweepId);
                return 0;
            }
            return connections.followedSweep(tools).followToEnd(sweepId);
        }
    }

    private boolean isDone(StoredSweep same, SweepPlan plan) {
        return same.status().isTerminal() && plan.toRun(retryFailed) == 0 && plan.elsewhere() == 0;
    }

    private String takeUp(SweepTools tools, StoredSweep same) {
        if (same.status().isTerminal()) {
            tools.control().reopen(same.sweepId());
        } else {
            terminal.message("This sweep is " + same.status() + " already, as " + same.sweepId() + ".");
        }
        return same.sweepId();
    }

    private void confirm(SweepPlan plan) {
        long trials = plan.toRun(retryFailed);
        boolean isLong = plan.deviceTime().compareTo(LONG) > 0;
        if (flags.yes() || (trials <= LARGE && !isLong)) {
            return;
        }
        if (!terminal.interactive()) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "this would run " + trials + " trials; give --yes, as nobody can be asked here");
        }
        if (!terminal.confirms("Run " + trials + " trials?")) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, "not confirmed; nothing was started");
        }
    }
}
