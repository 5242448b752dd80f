package perdura.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import perdura.grids.spec.RungDecision;
import perdura.grids.spec.RungResult;

/** Results and decisions of early stopping, read once for a transaction under the sweep's lock. */
final class RungTable {
    private final Connection connection;
    private final String sweepId;
    private final List<RungResult> results;
    private final List<RungDecision> decisions;

    RungTable(Connection connection, String sweepId) throws SQLException {
        this.connection = connection;
        this.sweepId = sweepId;
        this.results = selectResults();
        this.decisions = selectDecisions();
    }

    List<RungResult> results() {
        return results;
    }

    List<RungDecision> decisions() {
        return decisions;
    }

    private static final String SELECT_RESULTS = "SELECT * FROM rung_result WHERE sweep_id = ? ORDER BY sequence";

    private List<RungResult> selectResults() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SELECT_RESULTS)) {
            select.setString(1, sweepId);
            List<RungResult> all = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    all.add(new RungResult(
                            Columns.text(row, "trial_key"),
                            row.getInt("rung"),
                            row.getObject("best", Double.class),
                            row.getObject("mean", Double.class),
                            row.getLong("sequence")));
                }
            }
            return all;
        }
    }

    private static final String SELECT_DECISIONS = "SELECT * FROM rung_decision WHERE sweep_id = ? ORDER BY number";

    private List<RungDecision> selectDecisions() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SELECT_DECISIONS)) {
            select.setString(1, sweepId);
            List<RungDecision> all = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    all.add(new RungDecision(
                            Columns.text(row, "trial_key"),
                            row.getInt("rung"),
                            RungDecision.Kind.valueOf(Columns.text(row, "kind"))));
                }
            }
            return all;
        }
    }

    private static final String INSERT = """
            INSERT INTO rung_decision (sweep_id, number, trial_key, rung, kind, after_sequence)
            VALUES (?, ?, ?, ?, ?, ?)
            """;

    void record(RungDecision decision) throws SQLException {
        decisions.add(decision);
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            insert.setString(1, sweepId);
            insert.setInt(2, decisions.size());
            insert.setString(3, decision.trialKey());
            insert.setInt(4, decision.rung());
            insert.setString(5, decision.kind().name());
            insert.setLong(
                    6, results.stream().mapToLong(RungResult::sequence).max().orElse(0));
            insert.executeUpdate();
        }
    }
}
