package perdura.cli.chaos;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Compares runs with an undisturbed one: bits, points in Postgres, points and status in MLflow. */
final class Verdict {
    static final String SAME = "same";

    private final Platform platform;
    private final Connection connection;
    private final StoredPoints stored;
    private final RunView expected;
    private final Map<String, List<Long>> expectedSteps;

    /** @param undisturbed a finished run that nobody touched */
    Verdict(Platform platform, Connection connection, String undisturbed) throws SQLException {
        this.platform = platform;
        this.connection = connection;
        this.stored = new StoredPoints(connection);
        this.expected = RunView.load(connection, undisturbed);
        this.expectedSteps = stored.steps(undisturbed);
    }

    RunView expected() {
        return expected;
    }

    /** {@link #SAME}, or what differs. */
    String of(String runId) throws SQLException, IOException, InterruptedException {
        RunView end = RunView.load(connection, runId);
        if (!end.status().equals("FINISHED")) {
            return end.status();
        }
        if (!Objects.equals(end.stateDigest(), expected.stateDigest())) {
            return "other bits";
        }
        if (!stored.steps(runId).equals(expectedSteps)) {
            return "points differ in Postgres";
        }
        stored.awaitDelivery(runId);
        MlflowHistory mlflow = new MlflowHistory(platform.mlflow());
        String mlflowRunId = stored.mlflowRunId(runId);
        if (!mlflow.steps(mlflowRunId).equals(expectedSteps)) {
            return "points differ in MLflow";
        }
        return mlflow.status(mlflowRunId).equals("FINISHED") ? SAME : "status differs in MLflow";
    }
}
