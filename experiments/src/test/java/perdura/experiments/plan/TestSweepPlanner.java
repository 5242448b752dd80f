package perdura.experiments.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.experiments.reference.SweepReferences;
import perdura.grids.read.SweepJson;
import perdura.grids.read.SweepReader;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.SweepSpec;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.NewRun;
import perdura.store.Run;
import perdura.store.SweepControl;
import perdura.store.SweepResults;
import perdura.store.SweepTrials;
import perdura.store.Sweeps;
import perdura.store.Sweeps.NewSweep;
import perdura.store.TrialLeases;
import perdura.store.Trials;
import perdura.testkit.FreshDatabase;
import perdura.training.tasks.Tasks;
import perdura.training.weights.WeightStore;

class TestSweepPlanner {
    @TempDir
    private Path folder;

    private FreshDatabase postgres;
    private Database database;
    private SweepReferences references;
    private SweepPretrainings pretrainings;
    private SweepPlanner planner;

    @BeforeEach
    void start() throws IOException {
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
        references = new SweepReferences(database, new WeightStore(folder));
        pretrainings = new SweepPretrainings(database, references, Tasks.load(), spec -> {});
        planner = new SweepPlanner(
                new Sweeps(database), new Trials(database), new SweepResults(database), references, pretrainings);
    }

    @AfterEach
    void stop() throws IOException {
        database.close();
        postgres.close();
    }

    @Test
    void aNewGridIsAllNewAndOfUnknownCost() throws IOException {
        SweepPlan plan = planner.plan(grid("[0.1, 0.2]"), false);

        assertThat(plan.points()).isEqualTo(2);
        assertThat(plan.total()).isEqualTo(4);
        assertThat(plan.fresh()).isEqualTo(4);
        assertThat(plan.change()).isEmpty();
        assertThat(plan.cost()).isEmpty();
        assertThat(plan.points()).isEqualTo(2);
    }

    @Test
    void aGridThatWasSubmittedTellsWhatBecameOfIt() throws IOException {
        SweepExpansion first = grid("[0.1, 0.2]");
        String id = submit(first);
        TrialLeases.Leased given = new TrialLeases(database).lease(id, first.spec(), List.of(), "execution", "a", 3);
        SweepTrials trials = new SweepTrials(database);
        List<String> keys =
                given.trials().stream().map(TrialLeases.Lease::trialKey).toList();
        keys.forEach(key -> trials.begin(id, key));
        trials.finished(id, keys.get(0));
        trials.failed(id, keys.get(1), "execution", "OUT_OF_MEMORY", "too large");

        SweepPlan again = planner.plan(first, false);
        assertThat(List.of(again.finished(), again.failed(), again.running(), again.fresh()))
                .containsExactly(1L, 1L, 1L, 1L);
        assertThat(again.toRun(false)).isEqualTo(1);
        assertThat(again.toRun(true)).isEqualTo(2);
        assertThat(again.change()).hasValue(new SweepPlan.Change(id, 0, 0, 4));
        assertThat(again.cost()).isPresent();
        assertThat(new Sweeps(database).findSame("try", again.fingerprint())).isPresent();

        new SweepControl(database).end(id, null);
        SweepPlan edited = planner.plan(grid("[0.2, 0.3, 0.4]"), false);
        assertThat(edited.change()).hasValue(new SweepPlan.Change(id, 4, 2, 2));
        assertThat(edited.begun()).isEqualTo(1);
        assertThat(edited.fresh()).isEqualTo(5);
        assertThat(new Sweeps(database).findSame("try", edited.fingerprint())).isEmpty();
    }

    @Test
    void whatDecidesNoResultChangesNoKeyButIsAnotherSubmission() throws IOException {
        SweepExpansion plain = grid("[0.1]");
        SweepExpansion urgent = grid("[0.1]", "priority=1", "base.steps=1");

        List<String> keys = keys(plain);
        assertThat(keys(urgent)).isEqualTo(keys);
        assertThat(planner.plan(urgent, false).fingerprint())
                .isNotEqualTo(planner.plan(plain, false).fingerprint());
        assertThat(keys(grid("[0.1]", "base.steps=2"))).doesNotContainAnyElementsOf(keys);
    }

    @Test
    void aTrialIsLabelledByWhatVaries() throws IOException {
        SweepExpansion expansion = grid("[0.1, 0.2]");

        assertThat(expansion.trials().next())
                .satisfies(trial -> assertThat(new TrialMaker(expansion, references, pretrainings).label(trial))
                        .isEqualTo("value=0.1 seed=7"));
    }

    @Test
    void aDataSetThatWasNeverIngestedIsRefusedByName() throws IOException {
        Path file = Files.writeString(folder.resolve("probe.yaml"), """
                apiVersion: perdura/v1
                kind: Sweep
                name: probe
                task: linear-probe
                base: {dataset: rsnaa, encoder: prior-1}
                objective: {metric: auroc, goal: max}
                """);

        assertThatThrownBy(() -> SweepReader.read(file, List.of(), Tasks.load().schemas(), references, 100))
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining("probe.yaml:5:17")
                .hasMessageContaining("rsnaa")
                .hasMessageContaining("prior-1");
    }

    private List<String> keys(SweepExpansion expansion) {
        List<String> keys = new ArrayList<>();
        planner.trials(expansion).forEachRemaining(trial -> keys.add(trial.key().digest()));
        return keys;
    }

    private String submit(SweepExpansion expansion) {
        String json = SweepJson.write(expansion.spec());
        return new Sweeps(database)
                .create(
                        new NewSweep(
                                expansion.spec(),
                                json,
                                planner.plan(expansion, false).fingerprint()),
                        id -> new NewRun(
                                id,
                                new Run.Identity("tests", id.value(), RunKind.SWEEP, json, "h", 0),
                                Map.of(),
                                Map.of()),
                        planner.trials(expansion));
    }

    /** As in the quickstart: {@code encoder: [quickstart-1, null]}. */
    @Test
    void aNullAmongTheValuesOfAnAxisIsWrittenDown() throws IOException {
        SweepSpec spec = grid("[0.1]").spec();
        SweepSpec.Points old = spec.points();
        SweepSpec.Points points = new SweepSpec.Points(
                old.base(),
                List.of(new SweepSpec.SweepAxis("encoder", Arrays.asList("run-1", null), Map.of())),
                old.seeds(),
                old.include(),
                old.exclude(),
                old.constraints());
        SweepSpec varied = new SweepSpec(
                spec.name(),
                spec.experiment(),
                spec.task(),
                points,
                spec.strategy(),
                spec.objective(),
                spec.earlyStopping(),
                spec.trials(),
                spec.budget());
        assertThat(SweepSubmission.SweepRun.grid(varied)).containsEntry("perdura.axes", "encoder: [\"run-1\",null]");
    }

    private SweepExpansion grid(String values, String... settings) throws IOException {
        Path file = Files.writeString(folder.resolve("try.yaml"), """
                apiVersion: perdura/v1
                kind: Sweep
                name: try
                task: no-op
                matrix: {value: %s, seeds: [7, 8]}
                objective: {metric: score, goal: max}
                """.formatted(values));
        return SweepReader.read(file, List.of(settings), Tasks.load().schemas(), references, 1_000);
    }
}
