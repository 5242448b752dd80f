package perdura.store.relay;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;

/** What the relay reads and writes, inside the transaction of a turn. */
final class DeliveryTable {
    private final Connection connection;

    DeliveryTable(Connection connection) {
        this.connection = connection;
    }

    /**
     * NO KEY: commits, which insert outbox rows that refer to this one, never wait for it. A run below another waits until
     * MLflow has that one, unless MLflow has declined it.
     */
    private static final String LOCK_DUE = """
            SELECT d.run_id, r.experiment, r.name, r.created_at, d.mlflow_run_id, e.mlflow_experiment_id, d.tries,
                   p.mlflow_run_id AS mlflow_parent_id
            FROM delivery d
            JOIN run r ON r.run_id = d.run_id
            JOIN experiment e ON e.name = r.experiment
            LEFT JOIN delivery p ON p.run_id = r.parent_run_id
            WHERE d.next_try_at <= clock_timestamp()
              AND EXISTS (SELECT 1 FROM outbox o
                          WHERE o.run_id = d.run_id AND o.sent_at IS NULL AND o.parked_at IS NULL)
              AND (p.run_id IS NULL OR d.mlflow_run_id IS NOT NULL OR p.mlflow_run_id IS NOT NULL
                   OR NOT EXISTS (SELECT 1 FROM outbox o
                                  WHERE o.run_id = p.run_id AND o.sent_at IS NULL AND o.parked_at IS NULL))
            ORDER BY d.next_try_at, d.run_id
            LIMIT 1
            FOR NO KEY UPDATE OF d SKIP LOCKED
            """;

    /** Takes the run that has waited longest, if no other relay has it. */
    Optional<Delivery> lockDue() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(LOCK_DUE);
                ResultSet row = select.executeQuery()) {
            if (!row.next()) {
                return Optional.empty();
            }
            return Optional.of(new Delivery(
                    new RunId(text(row, "run_id")),
                    text(row, "experiment"),
                    text(row, "name"),
                    instant(row, "created_at"),
                    row.getString("mlflow_run_id"),
                    row.getString("mlflow_experiment_id"),
                    row.getString("mlflow_parent_id"),
                    row.getInt("tries")));
        }
    }

    /**
     * How long this transaction may be silent while MLflow works. A relay that was stopped meanwhile loses its lock
     * after that time.
     */
    void allowSilence(Duration silence) throws SQLException {
        try (Statement set = connection.createStatement()) {
            set.execute("SET LOCAL idle_in_transaction_session_timeout = " + silence.toMillis());
        }
    }

    private static final String SELECT_PENDING = """
            SELECT o.*, f.uri
            FROM outbox o
            LEFT JOIN artifact f ON f.run_id = o.run_id AND f.path = o.artifact_path
            WHERE o.run_id = ? AND o.sent_at IS NULL AND o.parked_at IS NULL
            ORDER BY o.id
            LIMIT ?
            """;

    /** The next rows of a run, in order. */
    List<OutboxRow> listPending(RunId runId, int limit) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SELECT_PENDING)) {
            select.setString(1, runId.value());
            select.setInt(2, limit);
            List<OutboxRow> rows = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    String status = row.getString("status");
                    rows.add(new OutboxRow(
                            row.getLong("id"),
                            OutboxRow.Kind.valueOf(text(row, "kind")),
                            row.getString("artifact_path"),
                            row.getString("uri"),
                            status == null ? null : RunStatus.valueOf(status),
                            instant(row, "created_at")));
                }
            }
            return rows;
        }
    }

    /** Only the points that this commit was the first to hold: others were told with their own commit. */
    private static final String SELECT_POINTS = """
            SELECT m.key, m.value, m.step, m.time
            FROM outbox o
            CROSS JOIN LATERAL unnest(o.metric_keys) AS named (key)
            JOIN metric m ON m.run_id = o.run_id AND m.key = named.key
                         AND m.step BETWEEN o.first_step AND o.last_step AND m.commit_step = o.commit_step
            WHERE o.id = ?
            ORDER BY m.step, m.key
            """;

    List<MetricPoint> listPoints(OutboxRow row) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SELECT_POINTS)) {
            select.setLong(1, row.id());
            List<MetricPoint> points = new ArrayList<>();
            try (ResultSet point = select.executeQuery()) {
                while (point.next()) {
                    points.add(new MetricPoint(
                            text(point, "key"),
                            point.getDouble("value"),
                            point.getLong("step"),
                            instant(point, "time")));
                }
            }
            return points;
        }
    }

    private static final String SELECT_PARAMS =
            "SELECT name, value FROM param WHERE run_id = ? AND kind = ? ORDER BY ordinal";

    /** @param kind PARAM or TAG */
    Map<String, String> listParams(RunId runId, String kind) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SELECT_PARAMS)) {
            select.setString(1, runId.value());
            select.setString(2, kind);
            Map<String, String> params = new LinkedHashMap<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    params.put(text(row, "name"), text(row, "value"));
                }
            }
            return params;
        }
    }

    private static final String RECORD_RUN = "UPDATE delivery SET mlflow_run_id = ? WHERE run_id = ?";
    private static final String RECORD_EXPERIMENT = """
            UPDATE experiment SET mlflow_experiment_id = ?
            WHERE name = ? AND mlflow_experiment_id IS DISTINCT FROM ?
            """;

    void recordMlflowIds(Delivery delivery, String mlflowExperimentId, String mlflowRunId) throws SQLException {
        try (PreparedStatement run = connection.prepareStatement(RECORD_RUN);
                PreparedStatement experiment = connection.prepareStatement(RECORD_EXPERIMENT)) {
            run.setString(1, mlflowRunId);
            run.setString(2, delivery.runId().value());
            run.executeUpdate();
            experiment.setString(1, mlflowExperimentId);
            experiment.setString(2, delivery.experiment());
            experiment.setString(3, mlflowExperimentId);
            experiment.executeUpdate();
        }
    }

    private static final String MARK_SENT = "UPDATE outbox SET sent_at = clock_timestamp() WHERE id = ?";

    void markSent(List<OutboxRow> rows) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(MARK_SENT)) {
            for (OutboxRow row : rows) {
                update.setLong(1, row.id());
                update.addBatch();
            }
            update.executeBatch();
        }
    }

    private static final String PARK = "UPDATE outbox SET parked_at = clock_timestamp(), reason = ? WHERE id = ?";

    void park(OutboxRow row, String reason) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(PARK)) {
            update.setString(1, reason);
            update.setLong(2, row.id());
            update.executeUpdate();
        }
    }

    private static final String PARK_ALL = """
            UPDATE outbox SET parked_at = clock_timestamp(), reason = ?
            WHERE run_id = ? AND sent_at IS NULL AND parked_at IS NULL
            """;

    void parkAll(RunId runId, String reason) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(PARK_ALL)) {
            update.setString(1, reason);
            update.setString(2, runId.value());
            update.executeUpdate();
        }
    }

    private static final String SCHEDULE = """
            UPDATE delivery SET tries = ?, next_try_at = clock_timestamp() + ? * interval '1 millisecond'
            WHERE run_id = ?
            """;

    /** When this run's turn comes again. */
    void schedule(RunId runId, int tries, Duration wait) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(SCHEDULE)) {
            update.setInt(1, tries);
            update.setLong(2, wait.toMillis());
            update.setString(3, runId.value());
            update.executeUpdate();
        }
    }

    private static final String HURRY = """
            UPDATE delivery SET next_try_at = clock_timestamp()
            WHERE run_id IN (SELECT run_id FROM delivery WHERE next_try_at > clock_timestamp()
                             FOR NO KEY UPDATE SKIP LOCKED)
            """;

    /** Ends the waiting of all runs. */
    void hurry() throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(HURRY)) {
            update.executeUpdate();
        }
    }

    private static String text(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNull(row.getString(column), column);
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNull(row.getObject(column, OffsetDateTime.class), column)
                .toInstant();
    }
}
