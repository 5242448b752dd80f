package perdura.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.cli.stack.PartName;
import perdura.cli.stack.StackOptions;

/** Sweeps as a user runs them, on the real Postgres, Temporal server and MLflow. */
class ITSweep {
    private static final Duration PATIENCE = Duration.ofMinutes(6);

    @TempDir
    static Path home;

    private static Platform platform;

    @BeforeAll
    static void start() throws InterruptedException {
        platform = Platform.start(
                home,
                new StackOptions(
                        StackOptions.Temporal.REAL,
                        StackOptions.Mlflow.LOCAL,
                        StackOptions.Worker.LOCAL,
                        List.of("cpu"),
                        Map.of()));
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    @Test
    void nothingFinishedRunsAgainWhenEverythingIsKilled() throws Exception {
        String sweep = submit("killed", "[0.1, 0.2, 0.3, 0.4, 0.5]", 40);
        await("two trials are done", () -> count("SELECT count(*) FROM sweep_trial WHERE state = 'DONE'", sweep) >= 2);
        List<String> finished =
                list("SELECT r.run_id FROM run r WHERE r.parent_run_id = ? AND r.status = 'FINISHED'", sweep);

        for (PartName part : List.of(PartName.WORKER, PartName.TEMPORAL, PartName.POSTGRES)) {
            platform.process(part).ifPresent(process -> {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            });
        }

        awaitStatus(sweep, "FINISHED");
        assertThat(list("SELECT r.run_id || ' ' || r.fence FROM run r WHERE r.parent_run_id = ? ORDER BY 1", sweep))
                .hasSize(5)
                .containsAll(finished.stream().map(run -> run + " 1").toList());
        assertThat(list("SELECT DISTINCT status FROM run WHERE parent_run_id = ?", sweep))
                .containsExactly("FINISHED");
        awaitMlflow(sweep);
        String parent = list("SELECT mlflow_run_id FROM delivery WHERE run_id = ?", sweep)
                .get(0);
        String experiment = list(
                        "SELECT e.mlflow_experiment_id FROM experiment e JOIN run r ON r.experiment = e.name WHERE r.run_id = ?",
                        sweep)
                .get(0);
        MlflowHistory mlflow = new MlflowHistory(platform.mlflow());
        assertThat(mlflow.tagsOfChildren(experiment, parent, "perdura.run_key"))
                .isEqualTo(list("SELECT run_id FROM run WHERE parent_run_id = ? ORDER BY 1", sweep));
        assertThat(mlflow.status(parent)).isEqualTo("FINISHED");
        assertThat(mlflow.steps(parent).get("sweep/ended_trials")).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void theSameAgainRunsNothingAndOneMoreValueOnlyItsSlice() throws Exception {
        String first = submit("slices", "[0.1, 0.2]", 1);
        awaitStatus(first, "FINISHED");

        assertThat(submit("slices", "[0.1, 0.2]", 1)).isEqualTo(first);
        String second = submit("slices", "[0.1, 0.2, 0.3]", 1);
        awaitStatus(second, "FINISHED");

        assertThat(second).isEqualTo("slices-2");
        assertThat(list("SELECT fence FROM run WHERE parent_run_id = ?", first)).containsExactly("1", "1");
        assertThat(list("SELECT fence FROM run WHERE parent_run_id = ?", second))
                .containsExactly("1");
    }

    @Test
    void aSweepIsSteeredWhileItRuns() throws Exception {
        String sweep = submit("steered", "[0.61, 0.62, 0.63]", 700);
        await(
                "a trial runs",
                () -> count(
                                "SELECT count(*) FROM run r JOIN trial t USING (run_id)"
                                        + " JOIN sweep_trial st USING (trial_key) WHERE (r.step > 0 OR r.fence > 0)",
                                sweep)
                        > 0);
        platform.run("sweep", "pause", sweep);
        await("nothing runs", () -> count("SELECT count(*) FROM sweep_trial WHERE state = 'ASSIGNED'", sweep) == 0);
        assertThat(status(sweep)).isEqualTo("PAUSED");
        platform.run("sweep", "resume", sweep);
        await(
                "a trial runs again",
                () -> count("SELECT count(*) FROM sweep_trial WHERE state = 'ASSIGNED'", sweep) > 0);
        platform.run(
                "sweep",
                "extend",
                sweep,
                "-f",
                file("steered", "[0.61, 0.62, 0.63, 0.64]", 700).toString());
        platform.run("sweep", "cancel", sweep);
        awaitStatus(sweep, "CANCELLED");
        assertThat(list("SELECT DISTINCT status FROM run WHERE parent_run_id = ? AND status <> 'FINISHED'", sweep))
                .containsExactly("KILLED");

        platform.run("sweep", "resume", sweep);
        awaitStatus(sweep, "FINISHED");
        assertThat(list("SELECT status FROM run WHERE parent_run_id = ?", sweep))
                .containsExactly("FINISHED", "FINISHED", "FINISHED", "FINISHED");
        String sharing = submit("sharing", "[0.61, 0.62]", 700);
        awaitStatus(sharing, "FINISHED");
        assertThat(list("SELECT count(*) FROM run WHERE parent_run_id = ?", sharing))
                .containsExactly("0");
    }

    private static String submit(String name, String values, int sleepMillis) throws Exception {
        return platform.run(
                        "sweep",
                        "submit",
                        "--detach",
                        "-f",
                        file(name, values, sleepMillis).toString())
                .strip();
    }

    private static Path file(String name, String values, int sleepMillis) throws IOException {
        return Files.writeString(home.resolve(name + ".yaml"), """
                apiVersion: perdura/v1
                kind: Sweep
                name: %s
                task: no-op
                base: {epochs: 5, steps: 10, sleepMillis: %d}
                matrix: {value: %s}
                objective: {metric: score, goal: max}
                """.formatted(name, sleepMillis, values));
    }

    private interface Condition {
        boolean holds() throws SQLException;
    }

    /** A server that is away counts as: not yet. */
    private static void await(String what, Condition condition) {
        Awaitility.await(what)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(250))
                .until(() -> {
                    try {
                        return condition.holds();
                    } catch (SQLException away) {
                        return false;
                    }
                });
    }

    private static void awaitStatus(String sweep, String status) {
        await(sweep + " is " + status, () -> status(sweep).equals(status));
    }

    private static void awaitMlflow(String sweep) {
        await(
                "MLflow has all of " + sweep,
                () -> list(
                                "SELECT count(*) FROM outbox JOIN run USING (run_id) WHERE sent_at IS NULL"
                                        + " AND (run_id = ? OR parent_run_id IS NOT NULL)",
                                sweep)
                        .equals(List.of("0")));
    }

    private static String status(String sweep) throws SQLException {
        return list("SELECT status FROM sweep WHERE sweep_id = ?", sweep).get(0);
    }

    /** @param sql with a condition at its end on table sweep_trial */
    private static long count(String sql, String sweep) throws SQLException {
        return Long.parseLong(list(sql + " AND sweep_id = ?", sweep).get(0));
    }

    private static List<String> list(String sql, String argument) throws SQLException {
        try (Connection connection = platform.connect();
                PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, argument);
            List<String> rows = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    rows.add(row.getString(1));
                }
            }
            return rows;
        }
    }
}
