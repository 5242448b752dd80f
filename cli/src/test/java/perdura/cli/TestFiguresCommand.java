package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.Runs;
import perdura.testkit.FreshDatabase;

/** The command on a real Postgres. */
class TestFiguresCommand {
    @TempDir
    private static Path shared;

    private static FreshDatabase postgres;
    private static Database database;
    private static StoredPretraining stored;

    @TempDir
    private Path folder;

    private RecordingTerminal terminal = new RecordingTerminal(Map.of());

    @BeforeAll
    static void start() throws IOException {
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(url(), "postgres", "postgres"), DurableEffects.counting(), Duration.ofSeconds(30));
        stored = new StoredPretraining(database, shared);
    }

    @AfterAll
    static void stop() throws IOException {
        database.close();
        postgres.close();
    }

    private static String url() {
        return postgres.jdbcUrl();
    }

    private int run(String... arguments) {
        terminal = RecordingTerminal.on(url(), folder);
        return terminal.run(arguments);
    }

    @Test
    void aWholeRunIsDrawnAndLogged() throws SQLException, IOException {
        stored.run("whole-1", 3);
        Path out = folder.resolve("out");
        assertThat(run("figures", "whole-1", "--out", out.toString(), "--threads", "1", "--log"))
                .isZero();
        assertThat(terminal.out().lines().map(Path::of)).hasSize(9).allMatch(Files::exists);
        assertThat(Files.readString(out.resolve("figure1-sentences.svg")))
                .contains("without the bank, end of stage 1", "after the bank, stage 3");
        assertThat(terminal.err()).contains("Queued for MLflow, with run whole-1.");
        assertThat(artifacts("whole-1")).hasSize(9).contains("figures/figure4-reconstructions.png");
        assertThat(folder.resolve("artifacts/whole-1/figures/figure3-attention.png"))
                .hasSameBinaryContentAs(out.resolve("figure3-attention.png"));
    }

    @Test
    void whatARunLacksIsNamedAndTheRestIsDrawn() throws SQLException {
        stored.run("early-1", 1);
        Path out = folder.resolve("out");
        assertThat(run("figures", "early-1", "--out", out.toString(), "--threads", "1"))
                .isEqualTo(1);
        assertThat(terminal.out().lines()).containsExactly(out.resolve("figure3-attention.png") + "");
        assertThat(terminal.err().lines())
                .contains(
                        "figure 1 needs a checkpoint of a stage with spb; the newest of run early-1, step 20, is of"
                                + " stage 1 with [lam]",
                        "figure 5 needs a checkpoint of a stage with ccr; the newest of run early-1, step 20, is of"
                                + " stage 1 with [lam]");
        assertThat(artifacts("early-1")).as("not asked for").isEmpty();
        assertThat(run("figures", "early-1", "--out", out.toString(), "--only", "3", "--threads", "1"))
                .isZero();
    }

    @Test
    void aRunWithoutCheckpointsIsRefused() {
        new Runs(database).finishRun(stored.create("fresh-1"), RunStatus.KILLED, null, null);
        assertThat(run("figures", "fresh-1")).isEqualTo(1);
        assertThat(terminal.err())
                .contains("run fresh-1 has no checkpoint; figures 1 and 2 need a checkpoint of a stage with spb; figure"
                        + " 3 needs a checkpoint of a stage with lam; figures 4 and 5 need a checkpoint of a stage"
                        + " with ccr");
        assertThat(run("figures", "nowhere-1")).isEqualTo(1);
        assertThat(terminal.err()).contains("nowhere-1");
    }

    @Test
    void aSweepIsTakenAsOne() {
        String sweep = new StoredSample(database, "figured").submit();
        assertThat(run("figures", sweep)).isEqualTo(2);
        assertThat(terminal.err()).contains("none of these trials has finished");
        assertThat(run("figures", sweep, "--only", "1")).isEqualTo(2);
        assertThat(terminal.err()).contains("--log and --only are for the pictures of a run");
    }

    @Test
    void picturesOfATrialAreTakenOutAndMlflowGetsThemWhereItIsAsked() throws SQLException, IOException {
        RunId trial = new StoredSample(database, "pictured").begin();
        new Runs(database).finishRun(trial, RunStatus.FINISHED, null, null);
        Path out = folder.resolve("out");
        assertThat(run("figures", trial.value(), "--out", out.toString())).isEqualTo(1);
        assertThat(terminal.err()).contains("run " + trial + " has no pictures in");

        Path left = Files.createDirectories(folder.resolve("artifacts/" + trial + "/figures"));
        Files.writeString(left.resolve("masks.png"), "drawn");
        Files.writeString(left.resolve(".masks.png.writing"), "half");
        assertThat(run("figures", trial.value(), "--out", out.toString())).isZero();
        assertThat(terminal.out().lines())
                .containsExactly(out.resolve("masks.png").toString());
        assertThat(out.resolve("masks.png")).hasContent("drawn");
        assertThat(artifacts(trial.value())).as("not asked for").isEmpty();

        assertThat(run("figures", trial.value(), "--out", out.toString(), "--log"))
                .isZero();
        assertThat(artifacts(trial.value())).containsExactly("figures/masks.png");
        assertThat(left.resolve("masks.png")).hasContent("drawn");
    }

    @Test
    void textOfReportsStaysWhereItIsDrawn() throws SQLException, IOException {
        new StoredPretraining(database, shared.resolve("sense"), """
            method: sense
            profile: tiny
            batchSize: 8
            model: {imageSize: 32, resnetWidth: 4, bertHidden: 16, bertFfn: 32, bertHeads: 2, dim: 8}
            lossWeights: {mmc: 0}
            """).run("strips-1", 1);
        Path out = folder.resolve("out");
        assertThat(run("figures", "strips-1", "--out", out.toString(), "--threads", "1", "--log"))
                .isZero();
        Path file = out.resolve("figure1-tokens.html");
        assertThat(terminal.out().lines()).containsExactly(file.toString());
        assertThat(Files.readString(file)).contains("&lt;cls&gt;");
        assertThat(terminal.err())
                .contains("Not for MLflow, as they show reports: [" + file + "]")
                .doesNotContain("Queued");
        assertThat(artifacts("strips-1")).isEmpty();
        assertThat(folder.resolve("artifacts/strips-1")).doesNotExist();
    }

    @Test
    void whatAParameterOfASweepDoesIsDrawn() throws IOException {
        String sweep = new StoredSample(database, "effect").run();
        Path out = folder.resolve("out");
        assertThat(run("figures", "--sweep", "effect", "--out", out.toString())).isZero();
        assertThat(terminal.out().lines())
                .containsExactly(
                        out.resolve("effect-fraction.png").toString(),
                        out.resolve("effect-fraction.svg").toString(),
                        out.resolve("effect-fraction.md").toString());
        assertThat(Files.readString(out.resolve("effect-fraction.md")))
                .contains("Sweep " + sweep)
                .containsPattern("\\| 0.01 \\| 3 \\| [0-9.]+ ± [0-9.]+ \\(of 2\\) \\|");
        assertThat(run("figures", "--sweep", "effect", "--where", "dataset=rsna", "--out", out.toString()))
                .isZero();
        assertThat(run("figures", "--sweep", "effect", "--where", "dataset=siim"))
                .isEqualTo(2);
        assertThat(terminal.err()).contains("no point of the sweep has {dataset=siim}; it has dataset=rsna");
        assertThat(run("figures", "--sweep", "effect", "--over", "epochs")).isEqualTo(2);
        assertThat(terminal.err()).contains("epochs does not vary in the sweep");
        assertThat(run("figures", "--sweep", "effect", "--log")).isEqualTo(2);
        assertThat(run("figures", "whole-1", "--sweep", "effect")).isEqualTo(2);
        assertThat(terminal.err()).contains("give a RUN, or a sweep with --sweep");
    }

    @Test
    void aMetricThatNoFinishedTrialHasIsRefused() {
        new StoredSample(database, "measured").run();
        Path out = folder.resolve("out");
        assertThat(run("figures", "--sweep", "measured", "--metrics", "test/aurok", "--out", out.toString()))
                .isEqualTo(2);
        assertThat(terminal.err()).contains("no finished trial has the metric test/aurok; did you mean 'test/auroc'?");
        new StoredSample(database, "unmeasured").submit();
        assertThat(run("figures", "--sweep", "unmeasured", "--out", out.toString()))
                .isEqualTo(2);
        assertThat(terminal.err()).contains("none of these trials has finished");
        assertThat(out).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--over=fraction", "--where=fraction=0.1", "--metrics=test/auroc"})
    void flagsOfASweepAreRefusedWithARun(String flag) {
        assertThat(run("figures", "whole-1", flag)).isEqualTo(2);
        assertThat(terminal.err())
                .contains("--over, --where and --metrics are for the effect of a parameter of a sweep");
    }

    @Test
    void wrongFlagsAreUsage() {
        assertThat(run("figures", "whole-1", "--only", "6")).isEqualTo(2);
        assertThat(terminal.err()).contains("--only must be of 1 to 5, was 6");
        assertThat(run("figures")).isEqualTo(2);
    }

    private static List<String> artifacts(String run) throws SQLException {
        List<String> paths = new ArrayList<>();
        try (Connection connection = postgres.connect();
                Statement select = connection.createStatement();
                ResultSet row =
                        select.executeQuery("SELECT path FROM artifact WHERE run_id = '" + run + "' ORDER BY path")) {
            while (row.next()) {
                paths.add(row.getString(1));
            }
        }
        return paths;
    }
}
