package perdura.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import perdura.cli.sweep.PlanText;
import perdura.cli.sweep.PointList;
import perdura.cli.words.Json;
import perdura.cli.words.Table;
import perdura.cli.words.Times;
import perdura.experiments.compare.ComparedPoint;
import perdura.experiments.plan.GridCosts;
import perdura.experiments.plan.SweepPlan;
import perdura.experiments.plan.SweepSubmission;
import perdura.experiments.steer.Thing;
import perdura.experiments.steer.Thing.Kind;
import perdura.experiments.steer.Verb;
import perdura.experiments.submit.SweepStarter;
import perdura.grids.read.ReadyGrids;
import perdura.grids.spec.Advice;
import perdura.grids.spec.Amount;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.TrialState;
import perdura.store.Database;
import perdura.store.StoredSweep;
import perdura.store.SweepControl;
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
                terminal.result(table(new GridCosts(connections
                        .findDatabase("Steps and device time are unknown")
                        .orElse(null))));
            } else {
                terminal.result(ReadyGrids.text(name).stripTrailing());
            }
            return 0;
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
            description = {
                "Say what a submission would run, what is done, and what it would cost. Starts nothing.",
                "Without a stack it says what the file alone tells."
            })
    static final class Plan extends Subcommand.Connected {
        @Mixin
        private SweepFlags flags = new SweepFlags();

        @Option(names = "--retry-failed", description = "count failed trials among those to run")
        private boolean retryFailed;

        @Option(names = "--points", description = "list the points instead, with the parameters that differ")
        private boolean points;

        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Override
        int run(Connections connections) {
            Optional<Database> store = connections.findDatabase(
                    "What is done, what the rest costs, and whether all is there" + " that the file names, is unknown");
            Optional<SweepSubmission> submission =
                    store.map(database -> new SweepSubmission(database, connection.artifacts()));
            SweepExpansion expansion =
                    submission.isPresent() ? submission.get().read(flags.name(), flags::read) : flags.readAlone();
            if (points) {
                PointList list = PointList.of(expansion);
                terminal.result(json ? Json.of(list.points()) : list.table());
            } else if (submission.isPresent()) {
                SweepPlan plan = submission.get().plan(expansion, retryFailed);
                terminal.result(json ? Json.of(plan) : PlanText.of(expansion, plan, retryFailed));
            } else if (json) {
                long count = expansion.countPoints();
                int seeds = expansion.spec().points().seeds().size();
                terminal.result(Json.of(Map.of("points", count, "total", count * seeds)));
            } else {
                terminal.result(PlanText.ofFile(expansion));
            }
            return 0;
        }
    }

    /** Checks the file of a sweep. */
    @Command(
            name = "check",
            description = {
                "Check the file of a sweep: all that is wrong is told at once. Starts nothing.",
                "Without a stack, what the file names is not looked up."
            })
    static final class Check extends Subcommand.Connected {
        @Mixin
        private SweepFlags flags = new SweepFlags();

        @Override
        int run(Connections connections) {
            Optional<Database> store = connections.findDatabase("Whether all is there that the file names is unknown");
            SweepExpansion expansion = store.isPresent()
                    ? new SweepSubmission(store.get(), connection.artifacts()).read(flags.name(), flags::read)
                    : flags.readAlone();
            terminal.result(flags.name() + ": no fault found, " + Amount.of(expansion.countPoints(), "point") + ", "
                    + Amount.of(expansion.spec().points().seeds().size(), "seed"));
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
            List<Listed> listed = sweeps.stream()
                    .map(sweep -> new Listed(sweep, results.count(sweep.sweepId())))
                    .toList();
            terminal.result(json ? Json.of(listed) : table(listed));
            return 0;
        }

        /** A sweep with its trials by state, in JSON beside each other. */
        private record Listed(@JsonUnwrapped StoredSweep sweep, Map<TrialState, Long> counts) {
            @JsonProperty
            long trials() {
                return counts.values().stream().mapToLong(Long::longValue).sum();
            }
        }

        private static String table(List<Listed> sweeps) {
            Table table =
                    new Table("SWEEP", "STATUS", "TRIALS", "OF THEM", "PRIORITY", "OBJECTIVE", "BEST", "SUBMITTED");
            for (Listed listed : sweeps) {
                StoredSweep sweep = listed.sweep();
                table.row(
                        sweep.sweepId(),
                        sweep.status(),
                        listed.trials(),
                        ComparedPoint.StateWords.of(listed.counts()),
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
        private String sweep = "";

        @Override
        int run(Connections connections) throws InterruptedException {
            String sweepId = connections
                    .things()
                    .require(Verb.WATCH, sweep, EnumSet.of(Kind.SWEEP))
                    .id();
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
        private String sweep = "";

        @Mixin
        private SweepFlags flags = new SweepFlags();

        @Override
        int run(Connections connections) {
            Thing thing = connections.things().require(Verb.EXTEND, sweep, EnumSet.of(Kind.SWEEP));
            StoredSweep found = connections.sweeps().load(thing.id());
            SweepSubmission submission = new SweepSubmission(connections.database(), connection.artifacts());
            SweepExpansion expansion = submission.read(flags.name(), flags::read);
            SweepSubmission.requireFileOf(found, flags.name(), expansion);
            SweepPlan plan = submission.plan(expansion, false);
            requireUnspent(connections.sweepControl(), found, expansion.spec());
            SweepStarter starter = connections.sweepStarter();
            terminal.message(PlanText.of(expansion, plan, false));
            long added = submission.extend(found, expansion, plan);
            starter.start(found.sweepId());
            String more = added == 0 ? "no more trials" : Amount.of(added, "more trial");
            terminal.message("Sweep " + found.sweepId() + " has " + more + ", and the budget of the file.");
            terminal.result(found.sweepId());
            return 0;
        }
    }

    /**
     * Looks whether a sweep would end at once if it were taken up again.
     *
     * @param spec with which it would go on
     * @throws PerduraException WRONG_STATE, with why and what would help
     */
    static void requireUnspent(SweepControl control, StoredSweep found, SweepSpec spec) {
        control.findSpent(found.sweepId(), spec).ifPresent(reason -> {
            throw new PerduraException(
                    ErrorCode.WRONG_STATE,
                    "Sweep " + found.sweepId() + " can't go on: " + reason + ". Change that in its file, and: "
                            + Advice.SWEEP_EXTEND.of(found.sweepId()));
        });
    }
}
