package perdura.cli;

import java.util.concurrent.Callable;
import perdura.cli.sweep.PlanText;
import perdura.cli.words.Json;
import perdura.cli.words.Terminal;
import perdura.experiments.plan.SweepPlan;
import perdura.grids.spec.SweepExpansion;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what a sweep would come to. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = "Say what a submission would run, what is done, and what it would cost. Starts nothing.")
final class SweepPlanCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final ConnectionFlags connection;

    @Mixin
    private SweepFlags flags = new SweepFlags();

    @Option(names = "--retry-failed", description = "count failed trials among those to run")
    private boolean retryFailed;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    SweepPlanCommand(Terminal terminal, ConnectionFlags connection) {
        this.terminal = terminal;
        this.connection = connection;
    }

    @Override
    public Integer call() {
        try (Connections connections = new Connections(terminal, connection.load())) {
            SweepTools tools = SweepTools.of(connections.database(), WeightStores.artifacts(connection));
            SweepExpansion expansion = tools.read(flags);
            SweepPlan plan = tools.planner().plan(expansion, retryFailed);
            terminal.result(json ? Json.of(plan) : PlanText.of(expansion.spec(), plan));
            return 0;
        }
    }
}
