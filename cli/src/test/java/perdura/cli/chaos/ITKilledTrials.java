package perdura.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import perdura.cli.stack.PartName;
import perdura.cli.stack.StackOptions;

/** Trials on masks and boxes whose slot is killed (kill -9) in the middle of their training end in the bits of undisturbed ones. */
class ITKilledTrials {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final String DIGESTS =
            "SELECT run_id, state_digest FROM run WHERE kind = 'trial' AND status = 'FINISHED'";
    private static final String LIVE = """
            SELECT run.run_id, attempt.live_step FROM run JOIN attempt ON attempt.run_id = run.run_id AND attempt.fence = run.fence
            WHERE run.kind = 'trial' AND run.status = 'RUNNING' AND attempt.live_step IS NOT NULL
            """;

    /** A task, on a set that has truths for it. */
    enum Dense {
        SEGMENTATION("siim", "dice", "model: {decoder: [16, 8, 8, 4, 4]}"),
        DETECTION("rsna", "map", """
                model: {fpn: 8, hidden: 16, anchors: [8, 16, 32, 48, 64], canonical: 64}
                  rpn: {samples: 32}
                  head: {samples: 16}
                  proposals: {train: 100, test: 100, kept: {train: 50, test: 50}}""");

        private final String set;
        private final String metric;
        private final String sizes;

        Dense(String set, String metric, String sizes) {
            this.set = set;
            this.metric = metric;
            this.sizes = sizes;
        }
    }

    /** Stays when the test fails. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path home;

    @ParameterizedTest
    @EnumSource
    void aKilledTrialEndsInTheSameBits(Dense dense) throws Exception {
        Map<String, String> undisturbed;
        try (Platform platform = start("undisturbed")) {
            submit(platform, dense);
            undisturbed = awaitDigests(platform);
        }
        try (Platform platform = start("killed")) {
            submit(platform, dense);
            for (int kill = 0; kill < 2; kill++) {
                killSlotAfterSteps(platform, 12L * (kill + 1));
            }
            Map<String, String> killed = awaitDigests(platform);
            assertThat(killed).isEqualTo(undisturbed);
            assertThat(read(platform, "SELECT run_id, count(*) FROM attempt GROUP BY run_id")
                            .values())
                    .as("attempts")
                    .containsExactly("3");
        }
    }

    private Platform start(String name) throws InterruptedException {
        return Platform.start(
                home.resolve(name),
                new StackOptions(
                        StackOptions.Temporal.REAL,
                        StackOptions.Mlflow.NONE,
                        StackOptions.Worker.LOCAL,
                        List.of("cpu"),
                        Map.of()));
    }

    private void submit(Platform platform, Dense dense) throws IOException, InterruptedException {
        String folder = platform.home().resolve(dense.set).toString();
        String at = platform.home().toString();
        platform.run(
                "data", "synth", "--format", dense.set, "--patients", "160", "--image-size", "64", "--out", folder);
        platform.run(
                "data", "ingest", dense.set, "--root", folder, "--image-size", "64", "--name", dense.set, "--home", at);
        Path file = Files.writeString(home.resolve("sweep.yaml"), """
                apiVersion: perdura/v1
                kind: Sweep
                name: killed
                task: %s
                base:
                  dataset: %s
                  imageSize: 64
                  epochs: 20
                  batchSize: 4
                  learningRate: 1e-3
                  %s
                matrix: {seeds: [1]}
                resources: {device: cpu, threads: 1}
                objective: {metric: %s, goal: max}
                """.formatted(
                        dense.name().toLowerCase(Locale.ROOT), dense.set, dense.sizes, dense.metric));
        platform.run("sweep", "submit", "-f", file.toString(), "--detach", "--home", at);
    }

    private static void killSlotAfterSteps(Platform platform, long steps) {
        Awaitility.await("step " + steps)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> read(platform, LIVE).values().stream().anyMatch(step -> Long.parseLong(step) >= steps));
        List<ProcessHandle> slots =
                platform.process(PartName.WORKER).orElseThrow().descendants().toList();
        assertThat(slots).isNotEmpty();
        slots.forEach(ProcessHandle::destroyForcibly);
    }

    private static Map<String, String> awaitDigests(Platform platform) {
        return Awaitility.await("the end of the trial")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> read(platform, DIGESTS), digests -> !digests.isEmpty());
    }

    /** The first two columns. */
    private static Map<String, String> read(Platform platform, String sql) throws SQLException {
        try (Connection connection = platform.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            Map<String, String> values = new TreeMap<>();
            while (row.next()) {
                values.put(row.getString(1), row.getString(2));
            }
            return values;
        }
    }
}
