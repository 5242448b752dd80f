package perdura.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;

/** Beginning and end of a run, each with what MLflow is to be told, inside the transaction of whoever calls. */
final class RunRows {
    private RunRows() {}

    private static final String INSERT_EXPERIMENT = "INSERT INTO experiment (name) VALUES (?) ON CONFLICT DO NOTHING";
    private static final String INSERT_RUN = """
            INSERT INTO run (run_id, experiment, name, kind, spec, spec_hash, seed, parent_run_id)
            VALUES (?, ?, ?, ?, ?::json, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """;
    private static final String SELECT_SPEC_HASH = "SELECT spec_hash FROM run WHERE run_id = ?";

    /**
     * A new run, SCHEDULED; false if it was there already.
     *
     * @throws PerduraException INVALID_SPEC if the run exists with another spec
     */
    static boolean create(Connection connection, NewRun run) throws SQLException {
        try (PreparedStatement experiment = connection.prepareStatement(INSERT_EXPERIMENT);
                PreparedStatement insert = connection.prepareStatement(INSERT_RUN)) {
            experiment.setString(1, run.identity().experiment());
            experiment.executeUpdate();
            insert.setString(1, run.runId().value());
            insert.setString(2, run.identity().experiment());
            insert.setString(3, run.identity().name());
            insert.setString(4, run.identity().kind().word());
            insert.setString(5, run.identity().spec());
            insert.setString(6, run.identity().specHash());
            insert.setLong(7, run.identity().seed());
            RunId parent = run.parent();
            insert.setString(8, parent == null ? null : parent.value());
            if (insert.executeUpdate() == 0) {
                requireSameSpec(connection, run);
                return false;
            }
        }
        insertParams(connection, run.runId(), "PARAM", run.params());
        insertParams(connection, run.runId(), "TAG", run.tags());
        OutboxRows.open(connection, run.runId());
        OutboxRows.addParams(connection, run.runId());
        OutboxRows.addStatus(connection, run.runId(), RunStatus.SCHEDULED);
        return true;
    }

    private static void requireSameSpec(Connection connection, NewRun run) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SELECT_SPEC_HASH)) {
            select.setString(1, run.runId().value());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                String known = Columns.text(row, "spec_hash");
                if (!known.equals(run.identity().specHash())) {
                    throw new PerduraException(
                            ErrorCode.INVALID_SPEC,
                            "run " + run.runId() + " exists with spec " + known + ", not "
                                    + run.identity().specHash() + "; give the new run another id");
                }
            }
        }
    }

    private static final String INSERT_PARAM =
            "INSERT INTO param (run_id, kind, name, value, ordinal) VALUES (?, ?, ?, ?, ?)";

    private static void insertParams(Connection connection, RunId runId, String kind, Map<String, String> params)
            throws SQLException {
        int ordinal = 0;
        try (PreparedStatement insert = connection.prepareStatement(INSERT_PARAM)) {
            for (Map.Entry<String, String> param : params.entrySet()) {
                insert.setString(1, runId.value());
                insert.setString(2, kind);
                insert.setString(3, param.getKey());
                insert.setString(4, param.getValue());
                insert.setInt(5, ordinal++);
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static final String START_RUN = """
            UPDATE run
            SET status = 'RUNNING', started_at = coalesce(started_at, now()), ended_at = NULL,
                error_code = NULL, error_message = NULL
            WHERE run_id = ? AND status IN ('SCHEDULED', 'KILLED', 'FAILED')
            """;

    /** SCHEDULED (or KILLED, FAILED when resumed) becomes RUNNING; false if nothing changed. */
    static boolean start(Connection connection, RunId runId) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(START_RUN)) {
            update.setString(1, runId.value());
            if (update.executeUpdate() == 0) {
                require(connection, runId);
                return false;
            }
        }
        OutboxRows.addStatus(connection, runId, RunStatus.RUNNING);
        return true;
    }

    private static final String FINISH_RUN = """
            UPDATE run
            SET status = ?, error_code = ?, error_message = ?, ended_at = now(), paused = false
            WHERE run_id = ? AND status <> ? AND status <> 'FINISHED'
            """;

    /** A terminal status; false if the run had it, or was FINISHED, before. */
    static boolean finish(
            Connection connection,
            RunId runId,
            RunStatus status,
            @Nullable String errorCode,
            @Nullable String errorMessage)
            throws SQLException {
        if (!status.isTerminal()) {
            throw new IllegalArgumentException("a run ends FINISHED, FAILED or KILLED, was " + status);
        }
        try (PreparedStatement update = connection.prepareStatement(FINISH_RUN)) {
            update.setString(1, status.name());
            update.setString(2, errorCode);
            update.setString(3, errorMessage);
            update.setString(4, runId.value());
            update.setString(5, status.name());
            if (update.executeUpdate() == 0) {
                require(connection, runId);
                return false;
            }
        }
        OutboxRows.addStatus(connection, runId, status);
        return true;
    }

    static boolean require(Connection connection, RunId runId) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SELECT_SPEC_HASH)) {
            select.setString(1, runId.value());
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw new PerduraException(ErrorCode.NOT_FOUND, "run " + runId + " is not in the store");
                }
                return true;
            }
        }
    }
}
