package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.experiments.plan.GridCosts;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.read.ReadyGrids;
import perdura.grids.read.SweepReader;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.SweepExpansion;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.testkit.FreshDatabase;
import perdura.training.method.Methods;
import perdura.training.method.Paper;
import perdura.training.tasks.Tasks;

/** What ready grids and papers come to, with a store and without. */
class TestGridCosts {
    @TempDir
    private Path folder;

    @Test
    void withoutAStoreTrialsAndPretrainingsAreCountedAllTheSame() {
        RecordingTerminal terminal =
                new RecordingTerminal(Map.of("PERDURA_HOME", folder.toString(), "LANG", "C.UTF-8"));
        assertThat(terminal.run("sweep", "grids")).isZero();
        List<String> lines = terminal.out().lines().toList();
        assertThat(lines.stream().map(line -> line.split(" +", 2)[0])).containsAll(ReadyGrids.names());
        assertThat(lines)
                .anyMatch(line -> line.matches("prior-table-1 +supervised-classification +9 +45 +0 +unknown +unknown"))
                .anyMatch(line -> line.matches("sense-clusters +pretrain +18 +18 +18 +unknown +unknown"));
        assertThat(terminal.err()).contains("Steps and device time are unknown without the store");
        assertThat(terminal.run("sweep", "grids", "prior-table-1")).isZero();
    }

    /**
     * Three seeds each: the whole method is a point of A2, A3 and A5, one of them the encoder of the tables; A4's two points stand in A1 and
     * in A5.
     */
    @Test
    void aPretrainingThatSeveralGridsNeedCountsOnce() {
        GridCosts costs = new GridCosts(null);
        assertThat(costs.of("sense-uni-projectors").pretrainings()).isEqualTo(6);
        Paper paper = Methods.load().named("sense").paper().orElseThrow();
        assertThat(costs.of(paper, "sense", "paper", false).pretrainings()).isEqualTo(18 + 18 + 6 + 6 + 12 - 3 * 4);
    }

    @Test
    void whatWasMeasuredIsTheEstimate() throws IOException {
        try (FreshDatabase postgres = FreshDatabase.create();
                Database database = Database.open(
                        new DatabaseConfig(postgres.jdbcUrl(), "postgres", "postgres"),
                        DurableEffects.counting(),
                        Duration.ofSeconds(30))) {
            new StoredSample(database, "other").run();
            assertThat(new GridCosts(database).of("sense-linear-probe").steps())
                    .as("the sample lacks what the grid holds fixed")
                    .isEmpty();
            SweepExpansion grid = ReadyGrids.read(
                    "sense-linear-probe",
                    List.of(),
                    Tasks.load().schemas(),
                    ReferenceNames.unchecked(),
                    SweepReader.MOST_TRIALS);
            new StoredSample(database, "like", grid.points().next()).run();
            GridCosts.GridCost cost = new GridCosts(database).of("sense-linear-probe");
            assertThat(cost.steps()).as("18 trials, of 20 steps each").hasValue(18 * 20);
            assertThat(cost.deviceTime()).isPresent();
        }
    }
}
