package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.grids.spec.DurableEffects;
import perdura.store.Database;
import perdura.store.DatabaseConfig;
import perdura.store.SweepResults;
import perdura.store.SweepResults.TrialRow;
import perdura.testkit.FreshDatabase;

/** The commands that compare, on a real Postgres. */
class TestCompareCommands {
    private static FreshDatabase postgres;
    private static Database database;
    private static String sweep;
    private static String submitted;

    @TempDir
    private Path folder;

    private RecordingTerminal terminal = new RecordingTerminal(Map.of());

    @BeforeAll
    static void runASweep() throws IOException {
        postgres = FreshDatabase.create();
        database = Database.open(
                new DatabaseConfig(url(), "postgres", "postgres"), DurableEffects.counting(), Duration.ofSeconds(30));
        sweep = new StoredSample(database, "probe").run();
        submitted = new StoredSample(database, "later").submit();
    }

    @AfterAll
    static void stop() throws IOException {
        database.close();
        postgres.close();
    }

    private static String url() {
        return postgres.jdbcUrl();
    }

    @BeforeEach
    void newTerminal() {
        terminal = RecordingTerminal.on(url(), folder);
    }

    private int run(String... arguments) {
        newTerminal();
        return terminal.run(arguments);
    }

    private static List<String> runs() {
        List<String> runs = new ArrayList<>();
        for (TrialRow row : new SweepResults(database).list(sweep)) {
            runs.add(String.valueOf(row.runId()));
        }
        return runs;
    }

    @Test
    void theLeaderboardRanksPointsByTheirMeans() {
        assertThat(run("leaderboard", "probe")).isZero();
        assertThat(terminal.out().lines().toList())
                .hasSize(3)
                .allMatch(line -> line.length() <= 100)
                .satisfies(lines -> assertThat(lines.get(1))
                        .startsWith("1  0.1       2/3, 1 failed")
                        .contains("0.7350 \u00b1 0.0071", "0.6350 \u00b1 0.0071"));
        assertThat(terminal.err())
                .contains("probe-1 FINISHED: 2 points, 6 trials (4 finished, 2 failed)")
                .contains("The first has 2 of 3 seeds");
    }

    @Test
    void jsonAndCsvHaveEverything() throws IOException {
        assertThat(run("leaderboard", sweep, "--json")).isZero();
        JsonNode json = new ObjectMapper().readTree(terminal.out());
        assertThat(json.at("/points/0/parameters/fraction").asText()).isEqualTo("0.1");
        assertThat(json.at("/points/0/trials/2/errorCode").asText()).isEqualTo("OUT_OF_MEMORY");
        assertThat(json.at("/parameters/shared/optimizer.weightDecay").asText()).isEqualTo("1e-6");
        assertThat(json.at("/counts/FAILED").asInt()).isEqualTo(2);

        assertThat(run("leaderboard", sweep, "--csv")).isZero();
        assertThat(terminal.out().lines()).hasSize(3);
        List<List<String>> csv = csv(terminal.out());
        int low = csv.get(0).indexOf("validation/auroc low95");
        assertThat(csv.get(1)).hasSameSizeAs(csv.get(0));
        assertThat(Double.parseDouble(csv.get(1).get(low))).isGreaterThanOrEqualTo(0);
        assertThat(Double.parseDouble(csv.get(1).get(low + 1))).isLessThanOrEqualTo(1);
        assertThat(run("leaderboard", sweep, "--csv", "--json")).isEqualTo(2);
    }

    /** Whatever a command prints as JSON, a reader can read: all those that need no file and no server beside the store. */
    @Test
    void everyJsonOfTheStoreIsRead() throws IOException {
        Path file = folder.resolve("sweep.yaml");
        Files.writeString(file, """
                apiVersion: perdura/v1
                kind: Sweep
                name: planned
                task: no-op
                base: {epochs: 2, steps: 1}
                matrix: {value: [0.1, 0.2], seeds: [1]}
                objective: {metric: score, goal: max}
                """);
        List<List<String>> commands = List.of(
                List.of("sweep", "plan", "-f", file.toString(), "--json"),
                List.of("sweep", "list", "--json"),
                List.of("runs", "list", "--json"),
                List.of("runs", "show", runs().get(0), "--json"),
                List.of("leaderboard", sweep, "--json"),
                List.of("compare", runs().get(0), runs().get(3), "--json"),
                List.of("data", "list", "--json"),
                List.of("weights", "list", "--json"),
                List.of("methods", "--json"),
                List.of("gc", "--dry-run", "--json"));
        for (List<String> command : commands) {
            run(command.toArray(String[]::new));
            JsonNode json = new ObjectMapper()
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(terminal.out());
            assertThat(json.isContainerNode())
                    .as("%s: %s", command, terminal.err())
                    .isTrue();
        }
        run(commands.get(0).toArray(String[]::new));
        JsonNode plan = new ObjectMapper().readTree(terminal.out());
        assertThat(plan.get("total").asInt()).isEqualTo(2);
        assertThat(plan.get("change").isNull()).isTrue();
    }

    @Test
    void aSweepThatHasNotBegunIsShownWithoutRanks() {
        assertThat(run("leaderboard", submitted)).isZero();
        assertThat(terminal.out()).contains("-  0.01      0/3, 3 pending");
        assertThat(run("compare", submitted)).isZero();
        assertThat(run("report", submitted, "--out", folder.resolve("r.html").toString()))
                .isZero();
    }

    @Test
    void anUnknownSweepIsToldWithTheNearest() {
        assertThat(run("leaderboard", "prob")).isEqualTo(1);
        assertThat(terminal.err()).contains("sweep prob is not in the store; the nearest: probe");
        assertThat(run("compare", "probe-7")).isEqualTo(1);
        assertThat(terminal.err()).contains("probe-7 is not in the store; the nearest: probe-1");
        assertThat(run("compare", "No/Such")).isEqualTo(2);
        assertThat(run("leaderboard", sweep, "--top", "0")).isEqualTo(2);
    }

    @Test
    void compareShowsThePointsOfASweepSideBySide() {
        assertThat(run("compare", "probe")).isZero();
        assertThat(terminal.out()).contains("#1", "#2", "fraction", "test/auroc", "0.7350 \u00b1 0.0071", "\u2588");
        assertThat(terminal.out().lines()).allMatch(line -> line.length() <= 100);
        assertThat(run("compare", "probe", "--csv")).isZero();
        assertThat(terminal.out().lines()).hasSize(3);
    }

    @Test
    void compareShowsRunsAndTheirMeanOverSeeds() throws IOException {
        List<String> runs = runs();
        assertThat(run("compare", runs.get(0), runs.get(1), runs.get(3))).isZero();
        assertThat(terminal.out())
                .contains(runs.get(0), runs.get(3), "seed 1, finished", "fraction", "Over seeds", "2 runs", "1 run")
                .contains("validation/auroc over time");

        assertThat(run("compare", runs.get(0), runs.get(3), "--metric", "test/auroc", "--json"))
                .isZero();
        JsonNode json = new ObjectMapper().readTree(terminal.out());
        assertThat(json.path("metrics").toString()).isEqualTo("[\"test/auroc\"]");
        assertThat(json.at("/columns/1/point/metrics/test~1auroc/mean").asDouble())
                .isEqualTo(0.73 - 0.1);
    }

    @Test
    void aSweepAmongRunsIsRefused() {
        assertThat(run("compare", sweep, runs().get(0))).isEqualTo(2);
        assertThat(terminal.err()).contains("probe-1 is a sweep");
    }

    @Test
    void openSaysWhyThereIsNoPage() {
        assertThat(run("compare", sweep, "--open")).isEqualTo(1);
        assertThat(terminal.err()).contains("MLflow has none of these runs yet");
    }

    @Test
    void openPrintsBothAddresses() throws SQLException {
        String runs = "SELECT run_id FROM trial WHERE run_id IS NOT NULL";
        execute("UPDATE delivery SET mlflow_run_id = md5(run_id) WHERE run_id IN (" + runs + ")");
        execute("UPDATE experiment SET mlflow_experiment_id = '3'");
        assertThat(run("compare", sweep, "--open", "--mlflow-url", "http://127.0.0.1:5000"))
                .isZero();
        assertThat(terminal.out().lines().toList()).hasSize(2).satisfies(lines -> {
            assertThat(lines.get(0)).startsWith("http://127.0.0.1:5000/#/compare-runs?runs=%5B%22");
            assertThat(lines.get(1)).contains("/#/metric?runs=", "plot_metric_keys=%5B%22validation%2Fauroc%22%5D");
        });
        execute("UPDATE delivery SET mlflow_run_id = NULL");
        execute("UPDATE experiment SET mlflow_experiment_id = NULL");
    }

    @Test
    void theReportOfAnEndedSweepGoesToMlflowToo() throws IOException, SQLException {
        Path file = folder.resolve("new/report.html");
        assertThat(run("report", "probe", "--out", file.toString())).isZero();
        assertThat(terminal.out().strip()).isEqualTo(file.toString());
        assertThat(Files.readString(file)).contains("probe-1").contains("OUT_OF_MEMORY");
        assertThat(folder.resolve("artifacts/probe-1/report.html")).hasSameTextualContentAs(file);
        assertThat(text("SELECT string_agg(path, ' ' ORDER BY path) FROM artifact WHERE run_id = 'probe-1'"))
                .isEqualTo("leaderboard.csv report.html");
        assertThat(Files.readString(folder.resolve("artifacts/probe-1/leaderboard.csv")))
                .contains("test/auroc std,test/auroc n");
        assertThat(terminal.err()).contains("Queued for MLflow");
    }

    @Test
    void aReportMayStayHere() throws SQLException {
        execute("DELETE FROM outbox WHERE artifact_path IS NOT NULL");
        execute("DELETE FROM artifact");
        assertThat(run(
                        "report",
                        sweep,
                        "--no-log",
                        "--out",
                        folder.resolve("a.html").toString()))
                .isZero();
        assertThat(run("report", submitted, "--out", folder.resolve("b.html").toString()))
                .isZero();
        assertThat(text("SELECT count(*) FROM artifact")).isEqualTo("0");
        assertThat(folder.resolve("artifacts")).doesNotExist();
    }

    @Test
    void aPlaceThatCannotBeWrittenIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x").resolve("report.html");
        assertThat(run("report", sweep, "--no-log", "--out", file.toString())).isEqualTo(1);
        assertThat(terminal.err())
                .contains("can't be written")
                .contains("--out")
                .doesNotContain("\tat ");
    }

    /** Rows of cells, none of which is quoted here. */
    private static List<List<String>> csv(String text) {
        return text.lines().map(line -> List.of(line.split(",", -1))).toList();
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String text(String sql) throws SQLException {
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
