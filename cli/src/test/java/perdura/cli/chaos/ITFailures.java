package perdura.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import perdura.cli.stack.PartName;
import perdura.cli.stack.StackOptions;

/** Servers that die under a run: each row of the failure table that needs the whole stack. */
@TestMethodOrder(OrderAnnotation.class)
class ITFailures {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir
    static Path home;

    /** First, so that MLflow has never been there before. */
    @Test
    @Order(1)
    void whatHappensWhileMlflowIsAwayIsDeliveredLaterOnce() throws Exception {
        Path data = home.resolve("mimic");
        Path spec = TinyRun.writeSpec(home.resolve("chaos.yaml"), data, 20, 20);
        String runId;
        try (Platform platform = Platform.start(home, options(StackOptions.Mlflow.NONE));
                Connection connection = platform.connect()) {
            TinyRun.writeData(platform, data);
            runId = new Submission(platform, spec).submit();
            assertThat(RunView.awaitEnd(connection, runId, PATIENCE).status()).isEqualTo("FINISHED");
        }
        try (Platform platform = Platform.start(home, options(StackOptions.Mlflow.LOCAL));
                Connection connection = platform.connect()) {
            assertThat(new Verdict(platform, connection, runId).of(runId)).isEqualTo(Verdict.SAME);
        }
    }

    @Test
    @Order(2)
    void aRunOutlivesEveryServer() throws Exception {
        try (Platform platform = Platform.start(home, options(StackOptions.Mlflow.LOCAL));
                Connection connection = platform.connect()) {
            Submission submission = new Submission(platform, home.resolve("chaos.yaml"));
            String undisturbed = submission.submit();
            assertThat(RunView.awaitEnd(connection, undisturbed, PATIENCE).status())
                    .isEqualTo("FINISHED");
            Verdict verdict = new Verdict(platform, connection, undisturbed);
            for (PartName part : List.of(PartName.TEMPORAL, PartName.MLFLOW)) {
                String runId = submission.submit();
                RunView.awaitStart(connection, runId, PATIENCE);
                platform.process(part).orElseThrow().destroyForcibly();
                assertThat(RunView.awaitEnd(connection, runId, PATIENCE).status())
                        .as(runId + " without " + part)
                        .isEqualTo("FINISHED");
                platform.awaitReady(PartName.MLFLOW);
                assertThat(verdict.of(runId)).as(part + " killed").isEqualTo(Verdict.SAME);
            }
            String runId = submission.submit();
            RunView.awaitStart(connection, runId, PATIENCE);
            platform.process(PartName.POSTGRES).orElseThrow().destroyForcibly();
            LockSupport.parkNanos(Duration.ofSeconds(3).toNanos()); // its keeper sees the death within this
            platform.awaitReady(PartName.POSTGRES);
            try (Connection again = platform.connect()) {
                assertThat(RunView.awaitEnd(again, runId, PATIENCE).status()).isEqualTo("FINISHED");
                assertThat(new Verdict(platform, again, undisturbed).of(runId))
                        .as("Postgres killed")
                        .isEqualTo(Verdict.SAME);
            }
        }
    }

    @Test
    @Order(3)
    void aRunGoesOnAfterTheStackWasTakenDown() throws Exception {
        Path spec = home.resolve("chaos.yaml");
        String undisturbed;
        String runId;
        try (Platform platform = Platform.start(home, options(StackOptions.Mlflow.LOCAL));
                Connection connection = platform.connect()) {
            Submission submission = new Submission(platform, spec);
            undisturbed = submission.submit();
            RunView.awaitEnd(connection, undisturbed, PATIENCE);
            runId = submission.submit();
            RunView.awaitStart(connection, runId, PATIENCE);
        }
        try (Platform platform = Platform.start(home, options(StackOptions.Mlflow.LOCAL));
                Connection connection = platform.connect()) {
            assertThat(RunView.awaitEnd(connection, runId, PATIENCE).status()).isEqualTo("FINISHED");
            assertThat(new Verdict(platform, connection, undisturbed).of(runId)).isEqualTo(Verdict.SAME);
        }
    }

    private static StackOptions options(StackOptions.Mlflow mlflow) {
        return new StackOptions(
                StackOptions.Temporal.REAL, mlflow, StackOptions.Worker.LOCAL, List.of("cpu"), Map.of());
    }
}
