package perdura.cli;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import perdura.cli.sweep.PlanText;
import perdura.cli.words.Json;
import perdura.cli.words.Table;
import perdura.cli.words.Times;
import perdura.experiments.plan.GridCosts;
import perdura.experiments.plan.SweepPlan;
import perdura.experiments.plan.SweepSubmission;
import perdura.grids.read.ReadyGrids;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SweepExpansion;
import perdura.store.StoredSweep;
import perdura.store.SweepResults;
import perdura.store.Sweeps;
import perdura.training.method.Method;
import perdura.training.method.Methods;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands that show sweeps: what is ready, what a file would come to, what there is, how far one is. */
final class SweepCommands {
    private SweepCommands() {}

    /** The grids that come with Perdura. */
    @Command(
            name = "grids",
            description = {
                "List the sweeps that come with Perdura and what each comes to, and what the papers come to that they fill;",
                "or print one, to be edited. Steps and device time are those of like trials that the store has measured."
            })
    static final class Grids extends Subcommand.Connected {
        private static final String UNKNOWN = "unknown";

        @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "the one to print")
        private @Nullable String name;

        @Override
        int run(Connections connections) {
            if (name == null) {
                terminal.result(table(costs(connections)));
            } else {
                terminal.result(ReadyGrids.text(name).stripTrailing());
            }
            return 0;
        }

        /** Without a store the grids are listed all the same. */
        private GridCosts costs(Connections connections) {
            try {
                return new GridCosts(connections.database());
            } catch (PerduraException e) {
                if (e.code() == ErrorCode.SCHEMA_OUTDATED) {
                    throw e;
                }
                terminal.message("Steps and device time are unknown without the store: " + e.getMessage());
                return new GridCosts(null);
            }
        }

        private static String table(GridCosts costs) {
            Table table = new Table("GRID", "TASK", "POINTS", "TRIALS", "PRE-TRAININGS", "STEPS", "DEVICE TIME");
            ReadyGrids.names().forEach(grid -> add(table, grid, costs.task(grid), costs.of(grid)));
            for (Method method : Methods.load().all()) {
                method.paper().ifPresent(paper -> {
                    String name = method.schema().name();
                    add(table, "paper " + name, "all of it", costs.of(paper, name, "paper", false));
                    add(table, "paper " + name + " --small", "all of it", costs.of(paper, name, "small", true));
                });
            }
            return table.toString();
        }

        private static void add(Table table, String label, String task, GridCosts.GridCost cost) {
            table.row(
                    label,
                    task,
                    cost.points(),
                    cost.trials(),
                    cost.pretrainings(),
                    cost.steps().isPresent() ? cost.steps().getAsLong() : UNKNOWN,
                    cost.deviceTime().map(Times::of).orElse(UNKNOWN));
        }
    }

    /** The schema of sweeps, or of another kind of files. */
    @Command(
            name = "schema",
            description = "Print the JSON Schema of these files, by which an editor completes and checks them.")
    static final class Schema extends Subcommand {
        private final Supplier<String> schema;

        Schema(Supplier<String> schema) {
            this.schema = schema;
        }

        @Override
        public Integer call() {
            terminal.result(schema.get());
            return 0;
        }
    }

    /** Says what a sweep would come to. */
    @Command(
            name = "plan",
            description = "Say what a submission would run, what is done, and what it would cost. Starts nothing.")
    static final class Plan extends Subcommand.Connected {
        @Mixin
        private SweepFlags flags = new SweepFlags();

        @Option(names = "--retry-failed", description = "count failed trials among those to run")
        private boolean retryFailed;

        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Override
        int run(Connections connections) {
            SweepSubmission submission = new SweepSubmission(connections.database(), connection.artifacts());
            SweepExpansion expansion = submission.read(flags.name(), flags::read);
            SweepPlan plan = submission.plan(expansion, retryFailed);
            terminal.result(json ? Json.of(plan) : PlanText.of(expansion.spec(), plan));
            return 0;
        }
    }

    /** Lists sweeps. */
    @Command(name = "list", description = "List sweeps, newest first.")
    static final class Listing extends Subcommand.Connected {
        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Override
        int run(Connections connections) {
            List<StoredSweep> sweeps = new Sweeps(connections.database()).listSweeps();
            SweepResults results = new SweepResults(connections.database());
            terminal.result(json ? Json.of(sweeps) : table(sweeps, results));
            return 0;
        }

        private static String table(List<StoredSweep> sweeps, SweepResults results) {
            Table table = new Table("SWEEP", "STATUS", "DONE", "OF", "PRIORITY", "OBJECTIVE", "BEST", "SUBMITTED");
            for (StoredSweep sweep : sweeps) {
                long total = results.count(sweep.sweepId()).values().stream()
                        .mapToLong(Long::longValue)
                        .sum();
                table.row(
                        sweep.sweepId(),
                        sweep.status(),
                        sweep.progress().endedTrials(),
                        total,
                        sweep.limits().priority(),
                        sweep.progress().objective(),
                        sweep.progress().bestValue() == null
                                ? "-"
                                : String.format(
                                        Locale.ROOT, "%.4f", sweep.progress().bestValue()),
                        Times.of(sweep.identity().submittedAt()));
            }
            return table.toString();
        }
    }

    /** Follows a sweep that goes on elsewhere. */
    @Command(name = "watch", description = "Follow a sweep until it ends. Ctrl-C leaves the sweep alone.")
    static final class Watch extends Subcommand.Connected {
        @Parameters(index = "0", paramLabel = "SWEEP", description = "the sweep's id, or a name: then its newest")
        private @Nullable String sweep;

        @Override
        int run(Connections connections) throws InterruptedException {
            String sweepId =
                    connections.sweeps().load(Objects.requireNonNull(sweep)).sweepId();
            return connections.followedSweep().followToEnd(sweepId);
        }
    }

    /** Adds trials to a sweep. */
    @Command(
            name = "extend",
            description =
                    "Add the trials of an edited file that a sweep lacks, while it runs or after its end. None is taken away.")
    static final class Extend extends Subcommand.Changing {
        @Parameters(index = "0", paramLabel = "SWEEP", description = "the sweep's id, or a name: then its newest")
        private @Nullable String sweep;

        @Mixin
        private SweepFlags flags = new SweepFlags();

        @Override
        int run(Connections connections) {
            SweepSubmission submission = new SweepSubmission(connections.database(), connection.artifacts());
            StoredSweep found = connections.sweeps().load(Objects.requireNonNull(sweep));
            SweepExpansion expansion = submission.read(flags.name(), flags::read);
            SweepSubmission.requireSameGoal(found, expansion);
            SweepPlan plan = submission.plan(expansion, false);
            if (SweepSteerCommand.isSpent(connections.sweepControl(), found, expansion.spec(), terminal)) {
                return 1;
            }
            terminal.message(PlanText.of(expansion.spec(), plan));
            long added = submission.extend(found, expansion, plan);
            connections.sweepStarter().start(found.sweepId());
            terminal.message("Sweep " + found.sweepId() + " has " + added + " more trials.");
            terminal.result(found.sweepId());
            return 0;
        }
    }
}
