package perdura.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.grids.read.ResolvedTrialJson;
import perdura.grids.read.SweepJson;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.ObjectiveSpec;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.Position;
import perdura.grids.spec.ResolvedTrial;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepSpec.BudgetSpec;
import perdura.grids.spec.SweepSpec.EarlyStoppingSpec;
import perdura.grids.spec.SweepSpec.RetrySpec;
import perdura.grids.spec.SweepSpec.StrategySpec;
import perdura.grids.spec.SweepSpec.SweepAxis;
import perdura.grids.spec.TrialKey;
import perdura.grids.spec.TrialSpec;
import perdura.store.Attempt;
import perdura.store.Attempts;
import perdura.store.Commit;
import perdura.store.Commits;
import perdura.store.Database;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.StoredCheckpoint;
import perdura.store.SweepControl;
import perdura.store.SweepTrials;
import perdura.store.Sweeps;
import perdura.store.Sweeps.NewSweep;
import perdura.store.Sweeps.NewTrial;
import perdura.store.TrialLeases;

/** Puts a sweep of two fractions, three seeds each, into a store, as if a worker had run it. */
final class StoredSample {
    private static final List<Double> FRACTIONS = List.of(0.01, 0.1);
    private static final List<Long> SEEDS = List.of(1L, 2L, 3L);

    private final Database database;
    private final SweepSpec spec;
    private final Parameters shared;

    StoredSample(Database database, String name) {
        this(database, name, new Parameters(new TreeMap<>(Map.of("optimizer.weightDecay", 1e-6))));
    }

    /** @param shared what all of its trials have besides data set and fraction */
    StoredSample(Database database, String name, Parameters shared) {
        this.database = database;
        this.shared = shared;
        this.spec = new SweepSpec(
                name,
                "tests",
                "linear-probe",
                new SweepSpec.Points(
                        Parameters.none(),
                        List.of(new SweepAxis("fraction", new ArrayList<>(FRACTIONS), Map.of())),
                        SEEDS,
                        List.of(),
                        List.of(),
                        List.of()),
                new StrategySpec.Grid(),
                new ObjectiveSpec("auroc", ObjectiveSpec.Goal.MAX, List.of("auroc")),
                new EarlyStoppingSpec.None(),
                new SweepSpec.Trials(
                        new ResourceSpec("cpu", 1),
                        new RetrySpec(3, Duration.ofSeconds(1)),
                        SweepSpec.OnFailure.KEEP_GOING,
                        0,
                        3),
                new BudgetSpec(null, null, null));
    }

    /** Submits and runs it: the last seed of each fraction fails, and of each other two epochs are trained. */
    String run() {
        String id = submit();
        TrialLeases.Leased assigned = new TrialLeases(database).lease(id, spec, List.of(), "execution", "shard", 100);
        SweepTrials trials = new SweepTrials(database);
        for (int i = 0; i < assigned.trials().size(); i++) {
            String key = assigned.trials().get(i).trialKey();
            if (i % SEEDS.size() == 2) {
                trials.failed(id, key, "execution", "OUT_OF_MEMORY", "the device is too small");
            } else {
                train(trials.begin(id, key).orElseThrow(), 0.7 + 0.01 * i);
                trials.finished(id, key);
            }
        }
        new SweepControl(database).end(id, null);
        return id;
    }

    /** Submits it and begins its first trial, which then waits for its worker. */
    RunId begin() {
        String id = submit();
        return new SweepTrials(database)
                .begin(
                        id,
                        new TrialLeases(database)
                                .lease(id, spec, List.of(), "execution", "shard", 1)
                                .trials()
                                .get(0)
                                .trialKey())
                .orElseThrow();
    }

    String submit() {
        List<NewTrial> trials = new ArrayList<>();
        for (double fraction : FRACTIONS) {
            for (long seed : SEEDS) {
                trials.add(trial(fraction, seed));
            }
        }
        String json = SweepJson.write(spec);
        return new Sweeps(database)
                .create(
                        new NewSweep(spec, json, CanonicalJson.sha256(json)),
                        runId -> new NewRun(
                                runId,
                                new Run.Identity("tests", runId.value(), RunKind.SWEEP, json, "h", 0),
                                Map.of(),
                                Map.of(),
                                null),
                        trials.iterator());
    }

    private NewTrial trial(double fraction, long seed) {
        TreeMap<String, @Nullable Object> parameters = new TreeMap<>(shared.values());
        parameters.put("dataset", "rsna");
        parameters.put("fraction", fraction);
        ResolvedTrial trial = new ResolvedTrial(
                new TrialSpec("linear-probe", 1, new Parameters(parameters), seed),
                new TreeMap<>(),
                null,
                spec.trials().resources(),
                spec.trials().retry());
        String json = ResolvedTrialJson.write(trial);
        String key = CanonicalJson.sha256(spec.name() + json);
        return new NewTrial(new TrialKey(key), "linear-probe", seed, json, "fraction " + fraction);
    }

    private void train(RunId run, double auroc) {
        Attempt attempt = new Attempts(database).claim(run, "host/0", "pytorch cpu 1");
        new Commits(database)
                .publish(new Commit(
                        run,
                        attempt.fence(),
                        new Position(1, 2, 20),
                        "digest",
                        new StoredCheckpoint.Files("file:///artifacts/" + run, "manifest", 1_000),
                        false,
                        List.of(
                                new MetricPoint("validation/auroc", auroc - 0.2, 9, Instant.EPOCH),
                                new MetricPoint("validation/auroc", auroc, 19, Instant.EPOCH),
                                new MetricPoint("best/validation/auroc", auroc, 19, Instant.EPOCH),
                                new MetricPoint("test/auroc", auroc - 0.1, 19, Instant.EPOCH))));
        new Attempts(database).endAttempt(run, attempt.fence(), "COMPLETED", null);
    }
}
