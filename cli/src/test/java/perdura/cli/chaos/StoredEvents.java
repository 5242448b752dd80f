package perdura.cli.chaos;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** What Postgres tells of a run besides its points, read by SQL. */
record StoredEvents(Connection connection, String runId) {
    private static final String KINDS = "SELECT kind FROM event WHERE run_id = ? ORDER BY id";
    private static final String ERROR = "SELECT error_code || ': ' || error_message FROM run WHERE run_id = ?";
    private static final String FIRST_CLAIM = "SELECT min(claimed_at) FROM attempt WHERE run_id = ?";

    List<String> kinds() throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(KINDS)) {
            query.setString(1, runId);
            List<String> kinds = new ArrayList<>();
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    kinds.add(rows.getString(1));
                }
            }
            return kinds;
        }
    }

    void await(String kind, Duration patience) {
        Awaitility.await(kind + " of " + runId)
                .atMost(patience)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> kinds().contains(kind));
    }

    /** Why the run failed: code and message. */
    String error() throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(ERROR)) {
            query.setString(1, runId);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return String.valueOf(row.getString(1));
            }
        }
    }

    /** When training began. */
    Instant firstClaim() throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(FIRST_CLAIM)) {
            query.setString(1, runId);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getObject(1, OffsetDateTime.class).toInstant();
            }
        }
    }
}
