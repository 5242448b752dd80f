package perdura.store;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.ObjectiveSpec;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepSpec.BudgetSpec;
import perdura.grids.spec.SweepSpec.EarlyStoppingSpec;
import perdura.grids.spec.SweepSpec.RetrySpec;
import perdura.grids.spec.SweepSpec.StrategySpec;
import perdura.grids.spec.TrialKey;
import perdura.store.Sweeps.NewSweep;
import perdura.store.Sweeps.NewTrial;

/** Sweeps of a task that nobody runs, steered by hand. The key of trial {@code i} begins with its number. */
public final class TestingSweeps {
    static final BudgetSpec NO_BUDGET = new BudgetSpec(null, null, null);
    static final EarlyStoppingSpec NO_STOPPING = new EarlyStoppingSpec.None();

    private final Database database;

    public TestingSweeps(TestingStore store) {
        this.database = store.database();
    }

    static SweepSpec spec(String name, EarlyStoppingSpec stopping, SweepSpec.OnFailure onFailure, BudgetSpec budget) {
        return new SweepSpec(
                name,
                "tests",
                "toy",
                new SweepSpec.Points(Parameters.none(), List.of(), List.of(1L), List.of(), List.of(), List.of()),
                new StrategySpec.Grid(),
                new ObjectiveSpec("auroc", ObjectiveSpec.Goal.MAX, List.of("auroc")),
                stopping,
                new SweepSpec.Trials(
                        new ResourceSpec("cpu", 1), new RetrySpec(3, Duration.ofSeconds(1)), onFailure, 0, 3),
                budget);
    }

    public static SweepSpec spec(String name) {
        return spec(name, NO_STOPPING, SweepSpec.OnFailure.KEEP_GOING, NO_BUDGET);
    }

    public static String key(int trial) {
        return "%012x".formatted(trial) + "0".repeat(52);
    }

    /** A submission of the trials {@code from} to {@code to} - 1; returns its id. */
    public String submit(SweepSpec spec, int from, int to) {
        return new Sweeps(database)
                .create(
                        new NewSweep(spec, "{}", "f" + from + "-" + to),
                        TestingSweeps::run,
                        trials(from, to).iterator());
    }

    public static List<NewTrial> trials(int from, int to) {
        return trials(from, to, 1);
    }

    /** Trials of points that have so many of them, next to each other. */
    static List<NewTrial> trials(int from, int to, int ofPoint) {
        return IntStream.range(from, to)
                .mapToObj(i -> new NewTrial(
                        new TrialKey(key(i)),
                        "toy",
                        1,
                        "{\"parameters\":{\"learningRate\":0.1,\"place\":%d},\"references\":{\"dataset\":\"%s\"},\"seed\":\"1\",\"task\":\"toy\",\"taskVersion\":2}"
                                .formatted(i / ofPoint, key(99)),
                        "trial " + i))
                .toList();
    }

    /** A submission of trials that need pre-trainings, trial {@code i} the {@code i}-th of these; returns its id. */
    String submit(SweepSpec spec, List<RunId> needs) {
        List<NewTrial> trials = trials(0, needs.size());
        return new Sweeps(database)
                .create(
                        new NewSweep(spec, "{}", "needs"),
                        TestingSweeps::run,
                        IntStream.range(0, needs.size())
                                .mapToObj(i -> needing(trials.get(i), needs.get(i)))
                                .iterator());
    }

    private static NewTrial needing(NewTrial trial, RunId needs) {
        return new NewTrial(trial.key(), trial.task(), trial.seed(), trial.spec(), trial.label(), needs);
    }

    static NewRun run(RunId id) {
        return new NewRun(
                id,
                new Run.Identity("tests", id.value(), RunKind.SWEEP, "{}", "hash of " + id, 0),
                Map.of(),
                Map.of("mlflow.user", "tester"));
    }

    public TrialLeases.Leased assign(String sweepId, SweepSpec spec, String requester, int atMost) {
        return new TrialLeases(database).lease(sweepId, spec, List.of(), "execution-1", requester, atMost);
    }

    static List<String> keys(TrialLeases.Leased assigned) {
        return assigned.trials().stream().map(TrialLeases.Lease::trialKey).toList();
    }

    public SweepTrials trials() {
        return new SweepTrials(database);
    }

    /** Runs a trial that was given out, up to an epoch with this validation AUROC in all of them. */
    public RunId train(String sweepId, int trial, int epochs, double auroc) {
        RunId runId = trials().begin(sweepId, key(trial)).orElseThrow();
        Attempt attempt = new Attempts(database).claim(runId, "host/0", "pytorch cpu 1");
        new Commits(database)
                .publish(TestingStore.commit(
                        runId,
                        attempt.fence(),
                        epochs,
                        IntStream.range(0, epochs)
                                .mapToObj(epoch ->
                                        new MetricPoint("validation/auroc", auroc, epoch, Instant.ofEpochSecond(epoch)))
                                .toList()));
        new Attempts(database).endAttempt(runId, attempt.fence(), "COMPLETED", null);
        return runId;
    }

    /** As {@link #train}, to the end. */
    public RunId finish(String sweepId, int trial, double auroc) {
        RunId runId = trials().begin(sweepId, key(trial)).orElseThrow();
        Attempt attempt = new Attempts(database).claim(runId, "host/0", "pytorch cpu 1");
        new Commits(database)
                .publish(TestingStore.commit(
                        runId,
                        attempt.fence(),
                        100,
                        List.of(
                                new MetricPoint("best/validation/auroc", auroc, 99, Instant.EPOCH),
                                new MetricPoint("test/auroc", auroc - 0.1, 99, Instant.EPOCH))));
        new Attempts(database).endAttempt(runId, attempt.fence(), "COMPLETED", null);
        trials().finished(sweepId, key(trial));
        return runId;
    }
}
