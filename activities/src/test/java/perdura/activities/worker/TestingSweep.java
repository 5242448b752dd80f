package perdura.activities.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.grids.read.ResolvedTrialJson;
import perdura.grids.spec.ObjectiveSpec;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.ResolvedTrial;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepSpec.BudgetSpec;
import perdura.grids.spec.SweepSpec.EarlyStoppingSpec;
import perdura.grids.spec.SweepSpec.RetrySpec;
import perdura.grids.spec.SweepSpec.StrategySpec;
import perdura.grids.spec.TrialIdentity;
import perdura.grids.spec.TrialKey;
import perdura.grids.spec.TrialSpec;
import perdura.store.Database;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.SweepTrials;
import perdura.store.Sweeps;
import perdura.store.Sweeps.NewSweep;
import perdura.store.Sweeps.NewTrial;
import perdura.store.TrialLeases;
import perdura.training.tasks.Task;
import perdura.workflows.TrialActivities.TrialInput;

/** A sweep in the store that a test gives out by hand. */
final class TestingSweep {
    private static final String NO_DATA = "0".repeat(64);

    private final Database database;
    private final SweepSpec spec;
    private final Task task;
    private final List<NewTrial> trials = new ArrayList<>();
    private final Map<String, TrialSpec> specs = new HashMap<>();
    private String id = "";
    private int questions;

    TestingSweep(Database database, String name, Task task, String metric, EarlyStoppingSpec stopping) {
        this.database = database;
        this.task = task;
        this.spec = new SweepSpec(
                name,
                "tests",
                task.schema().name(),
                new SweepSpec.Points(Parameters.none(), List.of(), List.of(1L), List.of(), List.of(), List.of()),
                new StrategySpec.Grid(),
                new ObjectiveSpec(metric, ObjectiveSpec.Goal.MAX, List.of(metric)),
                stopping,
                new SweepSpec.Trials(
                        new ResourceSpec("cpu", 1),
                        new RetrySpec(2, Duration.ofMillis(100)),
                        SweepSpec.OnFailure.KEEP_GOING,
                        0,
                        3),
                new BudgetSpec(null, null, null));
    }

    /** A sweep of no-op trials. */
    static TestingSweep ofNoOps(Database database, String name, Task task) {
        return new TestingSweep(database, name, task, "score", new EarlyStoppingSpec.None());
    }

    /** Adds a trial with parameters over the task's defaults; returns its key. */
    String add(long seed, Map<String, Object> parameters, Map<String, String> references) {
        TreeMap<String, @Nullable Object> all =
                new TreeMap<>(task.schema().defaults().values());
        all.putAll(parameters);
        TrialSpec trial = new TrialSpec(task.schema().name(), task.schema().version(), new Parameters(all), seed);
        String data = references.getOrDefault("dataset", NO_DATA);
        TrialKey key = TrialIdentity.of(trial, task.schema(), data, null, "fp32", "pytorch")
                .key();
        ResolvedTrial resolved = new ResolvedTrial(
                trial,
                new TreeMap<>(references),
                null,
                spec.trials().resources(),
                spec.trials().retry());
        trials.add(new NewTrial(
                key, trial.task(), trial.seed(), ResolvedTrialJson.write(resolved), "trial " + trials.size()));
        specs.put(key.digest(), trial);
        return key.digest();
    }

    /** Submits all trials and gives them out. */
    List<TrialInput> start() {
        id = new Sweeps(database)
                .create(
                        new NewSweep(spec, "{}", "f"),
                        runId -> new NewRun(
                                runId,
                                new Run.Identity("tests", runId.value(), RunKind.SWEEP, "{}", "hash", 0),
                                Map.of(),
                                Map.of()),
                        trials.iterator());
        return assign();
    }

    /** The trials that may run now. */
    List<TrialInput> assign() {
        TrialLeases.Leased assigned = new TrialLeases(database)
                .lease(id, spec, List.of(), "execution", "question " + questions++, trials.size());
        return assigned.trials().stream()
                .map(trial -> new TrialInput(id, trial.trialKey(), trial.untilEpoch()))
                .toList();
    }

    String id() {
        return id;
    }

    String state(String trialKey) {
        return new SweepTrials(database).loadState(id, trialKey).name();
    }

    /** The run that a trial gets. */
    RunId runId(String trialKey) {
        return new RunId(task.schema().name() + "-" + trialKey.substring(0, 12));
    }

    TrialSpec trial(String trialKey) {
        TrialSpec trial = specs.get(trialKey);
        if (trial == null) {
            throw new IllegalArgumentException(trialKey);
        }
        return trial;
    }
}
