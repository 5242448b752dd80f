package perdura.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import perdura.cli.follow.GitRevision;
import perdura.cli.follow.SweepStarter;
import perdura.cli.sweep.PlanText;
import perdura.cli.sweep.SweepPlan;
import perdura.cli.words.Terminal;
import perdura.grids.read.SweepJson;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.SweepSpec;
import perdura.store.NewRun;
import perdura.store.NewSweep;
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
            String sweepId = same.isPresent()
                    ? takeUp(tools, same.get())
                    : tools.sweeps()
                            .create(
                                    new NewSweep(
                                            expansion.spec(), SweepJson.write(expansion.spec()), plan.fingerprint()),
                                    id -> run(expansion.spec(), id),
                                    tools.planner().trials(expansion));
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
            tools.control().reopen(same.sweepId(), retryFailed);
        } else {
            terminal.message("This sweep is " + same.status() + " already, as " + same.sweepId() + ".");
        }
        return same.sweepId();
    }

    private void confirm(SweepPlan plan) {
        long trials = plan.toRun(retryFailed);
        boolean isLong = plan.cost()
                .filter(cost -> cost.deviceTime().compareTo(LONG) > 0)
                .isPresent();
        if (flags.yes() || (trials <= LARGE && !isLong)) {
            return;
        }
        if (!terminal.interactive()) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "this would run " + trials + " trials; give --yes, as nobody can be asked here");
        }
        @Nullable String answer = terminal.ask("Run " + trials + " trials? [y/N] ");
        if (answer == null || !answer.strip().toLowerCase(Locale.ROOT).startsWith("y")) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, "not confirmed; nothing was started");
        }
    }

    /** The run that stands for the sweep in MLflow, with the spec as it is when submitted. */
    private static NewRun run(SweepSpec spec, RunId id) {
        String json = SweepJson.write(spec);
        Map<String, String> params = new LinkedHashMap<>();
        params.put("task", spec.task());
        params.put(
                "objective",
                spec.objective().goal().name().toLowerCase(Locale.ROOT) + " validation/"
                        + spec.objective().metric());
        params.put("seeds", spec.seeds().toString());
        spec.axes()
                .forEach(axis ->
                        params.put("matrix." + axis.path(), axis.values().toString()));
        spec.base().values().forEach((path, value) -> params.put("base." + path, String.valueOf(value)));
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("perdura.task", spec.task());
        tags.put("mlflow.source.name", "perdura sweep submit");
        tags.put("mlflow.user", System.getProperty("user.name"));
        tags.put(
                "mlflow.note.content",
                "A sweep of task `%s`, run by Perdura: its trials stand below this run. See `perdura leaderboard %s`, and `perdura compare %s --open` for the page that compares them."
                        .formatted(spec.task(), id, id));
        GitRevision.find(Path.of("")).ifPresent(revision -> tags.put("mlflow.source.git.commit", revision));
        return new NewRun(
                id,
                spec.experiment(),
                id.value(),
                "sweep",
                json,
                CanonicalJson.sha256(Map.of("spec", json)),
                0,
                params,
                tags);
    }
}
