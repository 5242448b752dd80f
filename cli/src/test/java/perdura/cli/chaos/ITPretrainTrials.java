package perdura.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import perdura.cli.stack.StackOptions;

/** A sweep over pre-trainings that are judged by linear probes, on the whole local stack. */
class ITPretrainTrials {
    private static final String PRETRAININGS =
            "SELECT run_id || ' ' || status FROM run WHERE kind = 'pretrain' ORDER BY created_at, run_id";
    private static final String TRIALS = "SELECT status FROM run WHERE kind = 'trial'";
    private static final String ATTEMPTS = "SELECT run_id FROM attempt";

    /** Stays when the test fails. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path home;

    @Test
    void aPretrainingRunsOnceForAllTrialsThatNeedIt() throws Exception {
        StackOptions options = new StackOptions(
                StackOptions.Temporal.REAL,
                StackOptions.Mlflow.NONE,
                StackOptions.Worker.LOCAL,
                List.of("cpu"),
                Map.of());
        try (Platform platform = Platform.start(home, options)) {
            ingest(platform, "mimic-cxr", "--studies", "80");
            ingest(platform, "rsna", "--patients", "60");

            assertThatThrownBy(() -> submit(platform, "[62, 64]", "[1]"))
                    .hasMessageContaining("search.yaml: point")
                    .hasMessageContaining("model.dim=62");
            assertThat(list(platform, PRETRAININGS)).isEmpty();

            submit(platform, "[32, 64]", "[1, 2]");
            List<String> pretrainings = list(platform, PRETRAININGS);
            assertThat(pretrainings).hasSize(2).allMatch(run -> run.matches("pretraining-[0-9a-f]{12} FINISHED"));
            assertThat(list(platform, TRIALS)).containsExactly("FINISHED", "FINISHED", "FINISHED", "FINISHED");
            List<String> attempts = list(platform, ATTEMPTS);
            assertThat(attempts).hasSize(6).doesNotHaveDuplicates();

            submit(platform, "[32, 64]", "[1, 2]");
            assertThat(list(platform, ATTEMPTS)).hasSize(6);

            submit(platform, "[32, 64]", "[1, 2, 3]");
            assertThat(list(platform, PRETRAININGS)).isEqualTo(pretrainings);
            assertThat(list(platform, TRIALS)).hasSize(6).containsOnly("FINISHED");
            assertThat(list(platform, ATTEMPTS)).hasSize(8);
        }
    }

    private void ingest(Platform platform, String set, String count, String number)
            throws IOException, InterruptedException {
        String folder = home.resolve(set).toString();
        platform.run("data", "synth", "--format", set, count, number, "--out", folder);
        platform.run(
                "data",
                "ingest",
                set,
                "--root",
                folder,
                "--image-size",
                "64",
                "--name",
                set,
                "--home",
                home.toString());
    }

    private void submit(Platform platform, String dims, String seeds) throws IOException, InterruptedException {
        Path file = Files.writeString(home.resolve("search.yaml"), """
                apiVersion: perdura/v1
                kind: Sweep
                name: search
                task: pretrain
                base:
                  dataset: mimic-cxr
                  pretrain: {profile: tiny, stage: 1, batchSize: 8, stage1: {epochs: 1, warmupSteps: 2}}
                  downstream: {task: linear-probe, dataset: rsna, view: centre, epochs: 2}
                matrix: {pretrain.model.dim: %s, seeds: %s}
                resources: {device: cpu, threads: 1}
                objective: {metric: auroc, goal: max}
                """.formatted(dims, seeds));
        platform.run("sweep", "submit", "-f", file.toString(), "--home", home.toString());
    }

    private static List<String> list(Platform platform, String sql) throws SQLException {
        try (Connection connection = platform.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (row.next()) {
                values.add(row.getString(1));
            }
            return values;
        }
    }
}
