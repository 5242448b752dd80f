package perdura.cli.chaos;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.awaitility.Awaitility;

/** What Postgres holds of a run, read by SQL and by nothing of ours. */
final class StoredPoints {
    private static final String STEPS = """
            SELECT key, step FROM metric WHERE run_id = ? ORDER BY key, step
            """;
    private static final String FIRST_AFTER = """
            SELECT min(time) FROM metric WHERE run_id = ? AND time > ?
            """;

    private static final String SPAN = """
            SELECT extract(epoch FROM max(time) - min(time)) FROM metric WHERE run_id = ?
            """;
    private static final String MLFLOW_RUN = """
            SELECT mlflow_run_id FROM delivery WHERE run_id = ?
            """;

    private static final String UNDELIVERED = """
            SELECT count(*) FROM outbox WHERE run_id = ? AND sent_at IS NULL
            """;

    private final Connection connection;

    StoredPoints(Connection connection) {
        this.connection = connection;
    }

    Map<String, List<Long>> steps(String runId) throws SQLException {
        Map<String, List<Long>> steps = new TreeMap<>();
        try (PreparedStatement query = connection.prepareStatement(STEPS)) {
            query.setString(1, runId);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    steps.computeIfAbsent(rows.getString(1), key -> new ArrayList<>())
                            .add(rows.getLong(2));
                }
            }
        }
        return steps;
    }

    /** When the first step after an instant ended. */
    Optional<Instant> firstStepAfter(String runId, Instant instant) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(FIRST_AFTER)) {
            query.setString(1, runId);
            query.setObject(2, instant.atOffset(ZoneOffset.UTC));
            try (ResultSet rows = query.executeQuery()) {
                rows.next();
                return Optional.ofNullable(rows.getObject(1, OffsetDateTime.class))
                        .map(OffsetDateTime::toInstant);
            }
        }
    }

    /** From the end of the first step to the end of the last. */
    Duration span(String runId) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(SPAN)) {
            query.setString(1, runId);
            try (ResultSet rows = query.executeQuery()) {
                rows.next();
                return Duration.ofMillis((long) (rows.getDouble(1) * 1e3));
            }
        }
    }

    /** MLflow's own id of a run. */
    String mlflowRunId(String runId) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(MLFLOW_RUN)) {
            query.setString(1, runId);
            try (ResultSet rows = query.executeQuery()) {
                rows.next();
                return rows.getString(1);
            }
        }
    }

    /** Waits until a worker's relay has told MLflow everything about a run. */
    void awaitDelivery(String runId) {
        Awaitility.await("the delivery of " + runId)
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> isDelivered(runId));
    }

    /** Whether MLflow knows everything about a run. */
    boolean isDelivered(String runId) throws SQLException {
        return countUndelivered(runId) == 0;
    }

    private long countUndelivered(String runId) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(UNDELIVERED)) {
            query.setString(1, runId);
            try (ResultSet rows = query.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }
}
