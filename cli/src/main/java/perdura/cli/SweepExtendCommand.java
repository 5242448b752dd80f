package perdura.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import perdura.cli.sweep.PlanText;
import perdura.cli.words.Terminal;
import perdura.experiments.plan.SweepPlan;
import perdura.grids.read.SweepJson;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SweepExpansion;
import perdura.store.NewSweep;
import perdura.store.StoredSweep;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Adds trials to a sweep. */
@Command(
        name = "extend",
        mixinStandardHelpOptions = true,
        description =
                "Add the trials of an edited file that a sweep lacks, while it runs or after its end. None is taken away.")
final class SweepExtendCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final ConnectionFlags connection;

    @Parameters(index = "0", paramLabel = "SWEEP", description = "the sweep's id, or a name: then its newest")
    private @Nullable String sweep;

    @Mixin
    private SweepFlags flags = new SweepFlags();

    SweepExtendCommand(Terminal terminal, ConnectionFlags connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() {
        try (Connections connections = new Connections(terminal, connection.load())) {
            SweepTools tools = SweepTools.of(connections.database(), WeightStores.artifacts(connection));
            StoredSweep found = tools.sweeps().load(Objects.requireNonNull(sweep));
            SweepExpansion expansion = tools.read(flags);
            requireSameGoal(found, expansion);
            SweepPlan plan = tools.planner().plan(expansion, false);
            terminal.message(PlanText.of(expansion.spec(), plan));
            tools.createPretrainings(false);
            long added = tools.control()
                    .extend(
                            found.sweepId(),
                            new NewSweep(expansion.spec(), SweepJson.write(expansion.spec()), plan.fingerprint()),
                            tools.planner().trials(expansion));
            connections.sweepStarter().start(found.sweepId());
            terminal.message("Sweep " + found.sweepId() + " has " + added + " more trials.");
            terminal.result(found.sweepId());
            return 0;
        }
    }

    /** Results that are compared must be of one kind. */
    private static void requireSameGoal(StoredSweep found, SweepExpansion expansion) {
        String task = SweepJson.task(found.identity().spec());
        if (!task.equals(expansion.spec().task())
                || !found.progress()
                        .objective()
                        .equals(expansion.spec().objective().metric())
                || found.progress().goal() != expansion.spec().objective().goal()) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "sweep " + found.sweepId() + " runs task " + task + " for "
                            + found.progress().goal() + " " + found.progress().objective()
                            + ", the file runs " + expansion.spec().task() + " for "
                            + expansion.spec().objective().goal() + " "
                            + expansion.spec().objective().metric() + "; submit it as a sweep of its own");
        }
    }
}
