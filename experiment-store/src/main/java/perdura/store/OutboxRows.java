package perdura.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;

/**
 * Queues what MLflow is to be told, inside the transaction of what happened. Whoever queues holds the lock of the run's
 * row, so that the ids of a run's rows have the order of its commits.
 */
final class OutboxRows {
    private OutboxRows() {}

    private static final String INSERT_DELIVERY = "INSERT INTO delivery (run_id) VALUES (?)";

    static void open(Connection connection, RunId runId) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT_DELIVERY)) {
            insert.setString(1, runId.value());
            insert.executeUpdate();
        }
    }

    private static final String INSERT_PARAMS = "INSERT INTO outbox (run_id, kind) VALUES (?, 'PARAMS')";

    static void addParams(Connection connection, RunId runId) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT_PARAMS)) {
            insert.setString(1, runId.value());
            insert.executeUpdate();
        }
    }

    private static final String INSERT_STATUS = "INSERT INTO outbox (run_id, kind, status) VALUES (?, 'STATUS', ?)";

    static void addStatus(Connection connection, RunId runId, RunStatus status) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT_STATUS)) {
            insert.setString(1, runId.value());
            insert.setString(2, status.name());
            insert.executeUpdate();
        }
    }

    private static final String INSERT_ARTIFACT =
            "INSERT INTO outbox (run_id, kind, artifact_path) VALUES (?, 'ARTIFACT', ?)";

    static void addArtifact(Connection connection, RunId runId, String path) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT_ARTIFACT)) {
            insert.setString(1, runId.value());
            insert.setString(2, path);
            insert.executeUpdate();
        }
    }

    private static final String INSERT_METRICS = """
            INSERT INTO outbox (run_id, kind, commit_step, metric_keys, first_step, last_step)
            VALUES (?, 'METRICS', ?, ?, ?, ?)
            """;

    /** Names the points of a commit by keys and steps, so that the key of table metric finds them. */
    static void addMetrics(Connection connection, RunId runId, long commitStep, List<MetricPoint> points)
            throws SQLException {
        String[] keys = points.stream().map(MetricPoint::key).distinct().toArray(String[]::new);
        try (PreparedStatement insert = connection.prepareStatement(INSERT_METRICS)) {
            insert.setString(1, runId.value());
            insert.setLong(2, commitStep);
            insert.setArray(3, connection.createArrayOf("text", keys));
            insert.setLong(4, points.stream().mapToLong(MetricPoint::step).min().orElseThrow());
            insert.setLong(5, points.stream().mapToLong(MetricPoint::step).max().orElseThrow());
            insert.executeUpdate();
        }
    }
}
