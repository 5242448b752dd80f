package perdura.cli.chaos;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A run's row, read by SQL. */
record RunView(String status, long step, @Nullable String stateDigest, long liveStep) {
    private static final String SELECT = """
            SELECT status, step, state_digest,
                   coalesce((SELECT live_step FROM attempt WHERE attempt.run_id = run.run_id
                             AND attempt.fence = run.fence), 0)
            FROM run WHERE run_id = ?
            """;

    static RunView load(Connection connection, String runId) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(SELECT)) {
            query.setString(1, runId);
            try (ResultSet row = query.executeQuery()) {
                if (!row.next()) {
                    throw new SQLException("no run " + runId);
                }
                return new RunView(row.getString(1), row.getLong(2), row.getString(3), row.getLong(4));
            }
        }
    }

    boolean isTerminal() {
        return status.equals("FINISHED") || status.equals("FAILED") || status.equals("KILLED");
    }

    /** Waits for the end of a run, by itself. */
    static RunView awaitEnd(Connection connection, String runId, Duration patience) {
        return Awaitility.await("the end of " + runId)
                .atMost(patience)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> load(connection, runId), RunView::isTerminal);
    }

    /** Waits until a step is reported or committed, or the run has ended: a short segment ends before it reports. */
    static RunView awaitStart(Connection connection, String runId, Duration patience) {
        return Awaitility.await("the first step of " + runId)
                .atMost(patience)
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> load(connection, runId),
                        view -> view.liveStep() > 0 || view.step() > 0 || view.isTerminal());
    }
}
