package perdura.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.LeaseState;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.SweepStatus;

/** How a sweep is steered, from its submission to its end. Each step is a transaction under the sweep's lock. */
public final class SweepControl {
    private final Database database;

    public SweepControl(Database database) {
        this.database = database;
    }

    private static final String EXTEND = """
            UPDATE sweep
            SET fingerprint = ?, spec = ?::json, status = CASE WHEN ended_at IS NULL THEN status ELSE 'RUNNING' END,
                reason = NULL, ended_at = NULL
            WHERE sweep_id = ?
            """;

    /**
     * Adds those of the trials that the sweep lacks, after its own. If it has ended, it is RUNNING again.
     *
     * @return how many were added
     */
    public long extend(String sweepId, NewSweep sweep, Iterator<NewTrial> trials) {
        return database.write(connection -> {
            Sweeps.lockSubmissions(connection);
            Sweeps.lock(connection, sweepId);
            try (PreparedStatement update = connection.prepareStatement(EXTEND)) {
                update.setString(1, sweep.fingerprint());
                update.setString(2, sweep.json());
                update.setString(3, sweepId);
                update.executeUpdate();
            }
            return TrialRows.insert(connection, sweepId, TrialRows.nextOrdinal(connection, sweepId), trials);
        });
    }

    private static final String REOPEN = """
            UPDATE sweep SET status = 'RUNNING', reason = NULL, ended_at = NULL
            WHERE sweep_id = ? AND ended_at IS NOT NULL
            """;
    private static final String RETRY_FAILED = """
            UPDATE sweep_trial st SET state = 'PENDING', retry_failed = true
            FROM trial t JOIN run r ON r.run_id = t.run_id
            WHERE st.sweep_id = ? AND t.trial_key = st.trial_key AND st.state IN ('PENDING', 'DONE') AND r.status = 'FAILED'
            """;
    private static final String UNCOUNT = "UPDATE sweep SET ended_trials = (SELECT count(*) FROM sweep_trial st"
            + " WHERE st.sweep_id = sweep.sweep_id AND st.state = 'DONE') WHERE sweep_id = ?";

    /** Takes a sweep that has ended up again; what is left of it runs. */
    public void reopen(String sweepId) {
        database.write(connection -> {
            Sweeps.lock(connection, sweepId);
            update(connection, REOPEN, sweepId);
            return true;
        });
    }

    /** Has those trials run again that failed, under this sweep or another one. */
    public void retryFailed(String sweepId) {
        database.write(connection -> {
            Sweeps.lock(connection, sweepId);
            update(connection, RETRY_FAILED, sweepId);
            update(connection, UNCOUNT, sweepId);
            return true;
        });
    }

    private static final String ORPHANS = """
            SELECT DISTINCT t.needs
            FROM sweep_trial st JOIN trial t USING (trial_key) JOIN run r ON r.run_id = t.needs
            WHERE st.sweep_id = ? AND r.status IN ('SCHEDULED', 'RUNNING') AND NOT EXISTS (
                SELECT FROM sweep_trial other JOIN trial o USING (trial_key) JOIN sweep s ON s.sweep_id = other.sweep_id
                WHERE o.needs = t.needs AND other.sweep_id <> st.sweep_id AND s.ended_at IS NULL
                  AND other.state IN ('PENDING', 'ASSIGNED'))
            ORDER BY t.needs
            """;

    /** The pre-trainings that have not ended and that no other sweep under way waits for. */
    public List<RunId> listOwnPretrainings(String sweepId) {
        return database.read(connection -> {
            List<RunId> own = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(ORPHANS)) {
                select.setString(1, sweepId);
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        own.add(new RunId(Columns.text(row, "needs")));
                    }
                }
            }
            return own;
        });
    }

    private static final String MOVE = """
            UPDATE sweep SET status = ? WHERE sweep_id = ? AND status = ANY (?)
            """;

    /**
     * Steers a sweep.
     *
     * @param from statuses from which this is allowed
     * @throws PerduraException INVALID_SPEC if it has another status
     */
    public void move(String sweepId, Collection<SweepStatus> from, SweepStatus to) {
        String[] names = from.stream().map(Enum::name).toArray(String[]::new);
        database.write(connection -> {
            SweepStatus now = Sweeps.lock(connection, sweepId);
            if (now == to) {
                return false;
            }
            try (PreparedStatement update = connection.prepareStatement(MOVE)) {
                update.setString(1, to.name());
                update.setString(2, sweepId);
                update.setArray(3, connection.createArrayOf("text", names));
                if (update.executeUpdate() == 0) {
                    throw new PerduraException(
                            ErrorCode.INVALID_SPEC,
                            "sweep " + sweepId + " is " + now + "; it must be one of " + Arrays.toString(names));
                }
            }
            Events.insert(connection, new RunId(sweepId), "SWEEP_" + to, "was " + now);
            return true;
        });
    }

    private static final String STOP = """
            UPDATE sweep SET status = 'STOPPING', reason = coalesce(reason, ?)
            WHERE sweep_id = ? AND status IN ('RUNNING', 'PAUSED')
            """;

    /** Stops a sweep that nobody stops by hand; one that is not under way is left alone. */
    public void stop(String sweepId, String reason) {
        database.write(connection -> {
            SweepStatus now = Sweeps.lock(connection, sweepId);
            try (PreparedStatement update = connection.prepareStatement(STOP)) {
                update.setString(1, reason);
                update.setString(2, sweepId);
                if (update.executeUpdate() == 0) {
                    return false;
                }
            }
            Events.insert(
                    connection, new RunId(sweepId), "SWEEP_" + SweepStatus.STOPPING, "was " + now + "; " + reason);
            return true;
        });
    }

    private static final String KILL = """
            SELECT t.run_id, st.state, max(rr.epochs) AS epochs
            FROM sweep_trial st
            JOIN trial t USING (trial_key)
            JOIN run r ON r.run_id = t.run_id
            LEFT JOIN rung_result rr ON rr.sweep_id = st.sweep_id AND rr.trial_key = st.trial_key
            WHERE st.sweep_id = ? AND st.state <> 'DONE' AND st.started_at IS NOT NULL
              AND r.status IN ('SCHEDULED', 'RUNNING') AND (t.owner IS NULL OR t.owner = st.sweep_id)
            GROUP BY t.run_id, st.state
            """;
    private static final String GIVE_BACK = """
            UPDATE sweep_trial SET state = 'PENDING', execution = NULL, requester = NULL
            WHERE sweep_id = ? AND state = 'ASSIGNED'
            """;
    private static final String DISOWN = "UPDATE trial SET owner = NULL WHERE owner = ?";
    private static final String END = "UPDATE sweep SET status = ?, reason = ?, ended_at = now() WHERE sweep_id = ?";
    private static final String COUNT_LEFT =
            "SELECT count(*) FROM sweep_trial WHERE sweep_id = ? AND state IN ('PENDING', 'ASSIGNED')";
    private static final String SELECT_REASON = "SELECT reason FROM sweep WHERE sweep_id = ?";

    /**
     * Ends a sweep, of which nothing runs any more: FINISHED, if nothing is left of it. Runs that have begun and not ended
     * are KILLED; their checkpoints stay, and anybody may take them up.
     *
     * @param fault of the platform that ended it; null for none
     */
    public SweepStatus end(String sweepId, @Nullable String fault) {
        return database.write(connection -> {
            SweepStatus before = Sweeps.lock(connection, sweepId);
            return before.isTerminal() ? before : end(connection, sweepId, before, fault);
        });
    }

    /**
     * As {@link #end}, unless the sweep is RUNNING and may give out more: trials that were added, or given back, since somebody
     * found that there was nothing.
     */
    public SweepStatus endIfDone(String sweepId) {
        return database.write(connection -> {
            SweepStatus before = Sweeps.lock(connection, sweepId);
            boolean mayGiveMore = before == SweepStatus.RUNNING
                    && reason(connection, sweepId) == null
                    && countLeft(connection, sweepId) > 0;
            return before.isTerminal() || mayGiveMore ? before : end(connection, sweepId, before, null);
        });
    }

    private static SweepStatus end(Connection connection, String sweepId, SweepStatus before, @Nullable String fault)
            throws SQLException {
        killRest(connection, sweepId);
        update(connection, GIVE_BACK, sweepId);
        update(connection, DISOWN, sweepId);
        String reason = fault == null ? reason(connection, sweepId) : fault;
        SweepStatus status = ending(connection, sweepId, before, fault != null);
        try (PreparedStatement end = connection.prepareStatement(END)) {
            end.setString(1, status.name());
            end.setString(2, status == SweepStatus.FINISHED ? null : reason);
            end.setString(3, sweepId);
            end.executeUpdate();
        }
        RunStatus runStatus = switch (status) {
            case FINISHED -> RunStatus.FINISHED;
            case FAILED -> RunStatus.FAILED;
            default -> RunStatus.KILLED;
        };
        RunRows.finish(
                connection, new RunId(sweepId), runStatus, fault == null ? null : ErrorCode.INTERNAL.name(), reason);
        return status;
    }

    private static SweepStatus ending(Connection connection, String sweepId, SweepStatus before, boolean isFault)
            throws SQLException {
        if (isFault) {
            return SweepStatus.FAILED;
        }
        if (before == SweepStatus.CANCELLING) {
            return SweepStatus.CANCELLED;
        }
        return countLeft(connection, sweepId) == 0 ? SweepStatus.FINISHED : SweepStatus.STOPPED;
    }

    private static long countLeft(Connection connection, String sweepId) throws SQLException {
        return SweepBudget.count(connection, COUNT_LEFT, sweepId);
    }

    private static @Nullable String reason(Connection connection, String sweepId) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SELECT_REASON)) {
            select.setString(1, sweepId);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private static void killRest(Connection connection, String sweepId) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(KILL)) {
            select.setString(1, sweepId);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    String message = LeaseState.valueOf(Columns.text(row, "state")) == LeaseState.HELD
                            ? "early stopping ended it after epoch " + row.getInt("epochs") + "; its checkpoint is kept"
                            : "sweep " + sweepId + " ended before it";
                    RunRows.finish(connection, Columns.runId(row), RunStatus.KILLED, null, message);
                }
            }
        }
    }

    private static void update(Connection connection, String sql, String sweepId) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setString(1, sweepId);
            update.executeUpdate();
        }
    }

    private static final String SET_LIMITS =
            "UPDATE sweep SET concurrency = coalesce(?, concurrency), priority = coalesce(?, priority) WHERE sweep_id = ?";

    /** Changes how many trials run at once (0: as many as there are free slots), and how urgent they are; null: as before. */
    public void setLimits(String sweepId, @Nullable Integer concurrency, @Nullable Integer priority) {
        database.write(connection -> {
            Sweeps.lock(connection, sweepId);
            try (PreparedStatement update = connection.prepareStatement(SET_LIMITS)) {
                update.setObject(1, concurrency);
                update.setObject(2, priority);
                update.setString(3, sweepId);
                return update.executeUpdate();
            }
        });
    }
}
