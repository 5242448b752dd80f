package perdura.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import perdura.cli.sweep.PlanText;
import perdura.experiments.plan.SweepPlan;
import perdura.experiments.plan.SweepSubmission;
import perdura.grids.spec.SweepExpansion;
import perdura.store.StoredSweep;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Adds trials to a sweep. */
@Command(
        name = "extend",
        description =
                "Add the trials of an edited file that a sweep lacks, while it runs or after its end. None is taken away.")
final class SweepExtendCommand extends Subcommand.Changing {
    @Parameters(index = "0", paramLabel = "SWEEP", description = "the sweep's id, or a name: then its newest")
    private @Nullable String sweep;

    @Mixin
    private SweepFlags flags = new SweepFlags();

    @Override
    int run(Connections connections) {
        SweepSubmission submission = new SweepSubmission(connections.database(), WeightStores.artifacts(connection));
        StoredSweep found = connections.sweeps().load(Objects.requireNonNull(sweep));
        SweepExpansion expansion = submission.read(flags.name(), flags::read);
        SweepSubmission.requireSameGoal(found, expansion);
        SweepPlan plan = submission.plan(expansion, false);
        terminal.message(PlanText.of(expansion.spec(), plan));
        long added = submission.extend(found, expansion, plan);
        connections.sweepStarter().start(found.sweepId());
        terminal.message("Sweep " + found.sweepId() + " has " + added + " more trials.");
        terminal.result(found.sweepId());
        return 0;
    }
}
