package perdura.cli.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.activities.io.SweepActivitiesImpl;
import perdura.experiments.plan.SweepCheck;
import perdura.experiments.plan.SweepPlan;
import perdura.experiments.plan.SweepPlanner;
import perdura.experiments.plan.SweepPretrainings;
import perdura.experiments.plan.TrialMaker;
import perdura.experiments.reference.SweepReferences;
import perdura.experiments.reference.TrialReferences;
import perdura.experiments.submit.PretrainPlan;
import perdura.grids.read.PretrainSpecs.PretrainStart;
import perdura.grids.read.ResolvedTrialJson;
import perdura.grids.read.SweepJson;
import perdura.grids.read.SweepReader;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.ResolvedTrial;
import perdura.grids.spec.ResourceSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.TrialIdentity;
import perdura.grids.spec.TrialSpec;
import perdura.store.Attempts;
import perdura.store.Checkpoints;
import perdura.store.Commit;
import perdura.store.Commits;
import perdura.store.DataSets;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.store.StoredCheckpoint;
import perdura.store.StoredDataSet;
import perdura.store.SweepResults;
import perdura.store.Sweeps;
import perdura.store.Sweeps.NewSweep;
import perdura.store.Sweeps.NewTrial;
import perdura.store.Trials;
import perdura.testkit.FreshDatabase;
import perdura.training.method.Methods;
import perdura.training.methods.prior.spec.PriorSpec;
import perdura.training.tasks.Task;
import perdura.training.tasks.Tasks;
import perdura.training.torch.EngineFamily;
import perdura.training.weights.WeightStore;
import perdura.workflows.SweepActivities.TrialRequest;

class TestSweepPretrainings {
    private static final String MIMIC = "a".repeat(64);
    private static final String RSNA = "b".repeat(64);

    @TempDir
    private Path folder;

    private final Tasks tasks = Tasks.load();
    private final List<RunId> started = new ArrayList<>();
    private final List<PretrainSpec> checked = new ArrayList<>();
    private FreshDatabase postgres;
    private Database database;
    private Runs runs;
    private SweepReferences references;

    @BeforeEach
    void start() throws IOException {
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
        runs = new Runs(database);
        references = new SweepReferences(database, new WeightStore(folder));
        String uri = folder.toUri().toString();
        DataSets dataSets = new DataSets(database);
        dataSets.record(new DataSets.NewDataSet(
                MIMIC, new StoredDataSet.Source("mimic-cxr", "prior", 64), new StoredDataSet.Size(9, 9, 9), uri));
        dataSets.record(new DataSets.NewDataSet(
                RSNA, new StoredDataSet.Source("rsna", "prior", 64), new StoredDataSet.Size(9, 9, 9), uri));
    }

    @AfterEach
    void stop() throws IOException {
        database.close();
        postgres.close();
    }

    @Test
    void allSeedsAndSweepsShareAPretraining() throws IOException {
        SweepExpansion first = grid("first", "[0.07, 0.2]", "[1, 2]");
        String id = submit(first, pretrainings(), new SweepPlan.Pretrainings(2, 0, 0, 0, Optional.empty()));
        assertThat(checked).extracting(spec -> PriorSpec.of(spec).model().tau()).contains(0.07, 0.2);
        assertThat(checked).allSatisfy(spec -> assertThat(spec.data().dataset()).isEqualTo(MIMIC));

        SweepActivitiesImpl activities = new SweepActivitiesImpl(database, tasks.schemas(), started::add);
        assertThat(activities.assign(new TrialRequest(id, "execution", "a", 9)).trials())
                .isEmpty();
        assertThat(started)
                .hasSize(2)
                .doesNotHaveDuplicates()
                .allMatch(run -> run.value().matches("pretraining-[0-9a-f]{12}"));
        started.forEach(run -> {
            runs.startRun(run);
            runs.finishRun(run, RunStatus.FINISHED, null, null);
        });
        assertThat(activities.assign(new TrialRequest(id, "execution", "b", 9)).trials())
                .hasSize(4);

        SweepExpansion second = grid("second", "[0.07, 0.5]", "[1, 2, 3]");
        SweepPlan plan = planner(pretrainings()).plan(second, false);
        assertThat(plan.pretrainings()).isEqualTo(new SweepPlan.Pretrainings(1, 0, 1, 0, Optional.empty()));
        assertThat(plan.running()).isEqualTo(2);
    }

    @Test
    void theTrialSaysWhereItsEncoderIsAndNeverSeesThePretrainingsData() throws IOException {
        NewTrial trial = trials(grid("first", "[0.2]", "[1]"), pretrainings()).get(0);

        ResolvedTrial resolved = ResolvedTrialJson.read(trial.spec());
        assertThat(resolved.references())
                .isEqualTo(Map.of("downstream.dataset", RSNA, "encoder", "run:" + trial.needs() + "@1"));
        assertThat(String.valueOf(resolved.parent())).matches("pretrain:[0-9a-f]{64}@1");
        assertThat(String.valueOf(trial.needs()))
                .isEqualTo("pretraining-" + String.valueOf(resolved.parent()).substring(9, 21));
    }

    @Test
    void aFinishedRunOfTheSameIdentityIsTaken() throws IOException {
        NewTrial before = trials(grid("first", "[0.2]", "[1]"), pretrainings()).get(0);
        RunId own = finished("mine-1", 1);

        SweepPretrainings pretrainings = pretrainings();
        checked.clear();
        NewTrial after = trials(grid("first", "[0.2]", "[1]"), pretrainings).get(0);

        assertThat(after.needs()).isEqualTo(own);
        assertThat(after.key()).isEqualTo(before.key());
        assertThat(checked).isEmpty();
        assertThat(pretrainings.count()).isEqualTo(new SweepPlan.Pretrainings(0, 0, 1, 0, Optional.of(Duration.ZERO)));
    }

    @Test
    void newPretrainingsCostWhatAnEpochOfFinishedOnesOfTheirProfileAndDataDid() throws IOException {
        finished("mine-1", 4);
        database.write(handle -> handle.execute(
                "UPDATE attempt SET claimed_at = now() - interval '120 s', ended_at = now(), outcome = 'COMPLETED'"));
        SweepExpansion expansion = grid("first", "[0.07, 0.5]", "[1, 2]");

        SweepPlan plan = planner(pretrainings()).plan(expansion, false);

        assertThat(plan.pretrainings())
                .isEqualTo(new SweepPlan.Pretrainings(2, 0, 0, 0, Optional.of(Duration.ofSeconds(60))));
    }

    @Test
    void allThatIsWrongIsToldWithTheFileAndThePoint() throws IOException {
        SweepExpansion expansion = grid("first", "[0.07, null], pretrain.model.dim: [62, 63, 64]", "[1]");
        SweepPretrainings pretrainings = pretrainings();
        SweepCheck check = new SweepCheck(
                "first.yaml",
                new TrialMaker(expansion, references, pretrainings),
                tasks.task("pretrain"),
                new TrialReferences(runs, new Checkpoints(database), folder),
                pretrainings);

        assertThatThrownBy(() -> check.check(expansion))
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining("first.yaml: point tau=0.07 dim=62: model.dim=62")
                .hasMessageContaining("first.yaml: point tau=null dim=63: model.dim=63")
                .hasMessageContaining("first.yaml: point tau=null dim=64: is the same trial as point tau=0.07 dim=64");
    }

    @Test
    void aMetricThatTheDownstreamTaskDoesNotReportIsRefused() throws IOException {
        Path file = folder.resolve("first.yaml");
        grid("first", "[0.07]", "[1]");
        SweepExpansion expansion =
                SweepReader.read(file, List.of("objective.metric=kappa"), tasks.schemas(), references, 1_000);
        SweepPretrainings pretrainings = pretrainings();
        SweepCheck check = new SweepCheck(
                "first.yaml",
                new TrialMaker(expansion, references, pretrainings),
                tasks.task("pretrain"),
                new TrialReferences(runs, new Checkpoints(database), folder),
                pretrainings);

        assertThatThrownBy(() -> check.check(expansion))
                .isInstanceOf(PerduraException.class)
                .hasMessage(
                        "first.yaml: objective: point tau=0.07 reports no kappa; it reports auroc, auprc, accuracy, f1,"
                                + " loss");
    }

    @Test
    void theDataSetIsInTheKeyByItsDigestAloneThoughOtherDownstreamTasksNameReportsToo() throws IOException {
        NewTrial trial = trials(grid("first", "[0.2]", "[1]"), pretrainings()).get(0);

        ResolvedTrial resolved = ResolvedTrialJson.read(trial.spec());
        Task task = tasks.task("pretrain");
        TrialSpec others = new TrialSpec(
                "pretrain",
                task.schema().version(),
                task.pretraining(resolved.spec()).orElseThrow().others(),
                1);
        assertThat(trial.key())
                .isEqualTo(TrialIdentity.of(others, task.schema(), RSNA, resolved.parent(), "fp32", EngineFamily.name())
                        .key());
    }

    /** A run that somebody has started by hand, of stage 1 of the profile {@code tiny} at a tau of 0.2. */
    private RunId finished(String runId, int epochs) {
        RunId own = new RunId(runId);
        PretrainSpec spec = Methods.load()
                .specs()
                .ofProfile(
                        new PretrainStart(
                                "mine", "elsewhere", PriorSpec.NAME, "tiny", MIMIC, new ResourceSpec("cpu", 2)),
                        List.of("stages=[{stage: 1}]", "stages.0.epochs=" + epochs, "model.tau=0.2"));
        runs.createRun(PretrainPlan.newRun(spec, own, "me", Optional.empty()));
        runs.recordPlan(own, MIMIC, 10);
        runs.startRun(own);
        long fence =
                new Attempts(database).claim(own, "host/0", "pytorch cpu 1").fence();
        new Commits(database)
                .publish(new Commit(
                        own,
                        fence,
                        new Position(1, epochs, 10),
                        "c".repeat(64),
                        new StoredCheckpoint.Files(folder.toUri().toString(), "d".repeat(64), 100),
                        true,
                        List.of()));
        runs.finishRun(own, RunStatus.FINISHED, null, null);
        return own;
    }

    private String submit(SweepExpansion expansion, SweepPretrainings pretrainings, SweepPlan.Pretrainings expected) {
        SweepPlanner planner = planner(pretrainings);
        SweepPlan plan = planner.plan(expansion, false);
        assertThat(plan.pretrainings()).isEqualTo(expected);
        pretrainings.create(false, run -> PretrainPlan.newRun(run.spec(), run.runId(), "me", Optional.empty()));
        String json = SweepJson.write(expansion.spec());
        return new Sweeps(database)
                .create(
                        new NewSweep(expansion.spec(), json, plan.fingerprint()),
                        id -> new NewRun(
                                id,
                                new Run.Identity("tests", id.value(), RunKind.SWEEP, json, "h", 0),
                                Map.of(),
                                Map.of()),
                        planner.trials(expansion));
    }

    private List<NewTrial> trials(SweepExpansion expansion, SweepPretrainings pretrainings) {
        List<NewTrial> all = new ArrayList<>();
        planner(pretrainings).trials(expansion).forEachRemaining(all::add);
        return all;
    }

    private SweepPretrainings pretrainings() {
        return new SweepPretrainings(database, references, tasks, checked::add);
    }

    private SweepPlanner planner(SweepPretrainings pretrainings) {
        return new SweepPlanner(
                new Sweeps(database), new Trials(database), new SweepResults(database), references, pretrainings);
    }

    private SweepExpansion grid(String name, String taus, String seeds) throws IOException {
        Path file = Files.writeString(folder.resolve(name + ".yaml"), """
                apiVersion: perdura/v1
                kind: Sweep
                name: %s
                task: pretrain
                base:
                  dataset: %s
                  pretrain: {profile: tiny, stage: 1, stage1: {epochs: 1}}
                  downstream: {dataset: %s}
                matrix: {pretrain.model.tau: %s, seeds: %s}
                resources: {device: cpu, threads: 1}
                objective: {metric: auroc, goal: max}
                """.formatted(name, MIMIC, RSNA, taus, seeds));
        return SweepReader.read(file, List.of(), tasks.schemas(), references, 1_000);
    }
}
