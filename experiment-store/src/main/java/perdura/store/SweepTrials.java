package perdura.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.LeaseState;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.ObjectiveSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;

/** The life of a trial within a sweep, from the moment it is given out. Each step may be repeated. */
public final class SweepTrials {
    private final Database database;

    public SweepTrials(Database database) {
        this.database = database;
    }

    private static final String SELECT_TRIAL = """
            SELECT t.run_id, t.owner, st.label, st.state, st.retry_failed, r.experiment
            FROM sweep_trial st
            JOIN trial t USING (trial_key)
            JOIN run r ON r.run_id = st.sweep_id
            WHERE st.sweep_id = ? AND st.trial_key = ?
            """;
    private static final String SET_RUN = "UPDATE trial SET run_id = ? WHERE trial_key = ? AND run_id IS NULL";
    private static final String FORGET_FAILURE =
            "UPDATE sweep_trial SET retry_failed = false WHERE sweep_id = ? AND trial_key = ?";

    /**
     * A trial that was given out begins, or goes on: it has a run, which is RUNNING.
     *
     * @return the run
     * @throws PerduraException FENCED if the trial is not this sweep's to run
     */
    public RunId begin(String sweepId, String trialKey) {
        return database.write(connection -> {
            Sweeps.lock(connection, sweepId);
            return begin(connection, sweepId, trialKey);
        });
    }

    private static RunId begin(Connection connection, String sweepId, String trialKey) throws SQLException {
        RunId runId;
        boolean failedBefore;
        try (PreparedStatement select = connection.prepareStatement(SELECT_TRIAL)) {
            select.setString(1, sweepId);
            select.setString(2, trialKey);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw notFound(sweepId, trialKey);
                }
                if (!sweepId.equals(row.getString("owner"))
                        || LeaseState.valueOf(Columns.text(row, "state")) != LeaseState.ASSIGNED) {
                    throw new PerduraException(
                            ErrorCode.FENCED,
                            "trial " + trialKey + " is not sweep " + sweepId + "'s to run now; its owner is "
                                    + row.getString("owner"));
                }
                failedBefore = row.getBoolean("retry_failed");
                String known = row.getString("run_id");
                runId = known == null
                        ? TrialRuns.create(
                                connection,
                                new TrialRuns.Begun(
                                        trialKey,
                                        new RunId(sweepId),
                                        Columns.text(row, "experiment"),
                                        Columns.text(row, "label")))
                        : new RunId(known);
            }
        }
        setRun(connection, trialKey, runId);
        if (failedBefore) {
            Events.insert(connection, runId, "RESUMED", "sweep " + sweepId + " tries the failed trial again");
            update(connection, FORGET_FAILURE, sweepId, trialKey);
        }
        RunRows.start(connection, runId);
        return runId;
    }

    private static void setRun(Connection connection, String trialKey, RunId runId) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(SET_RUN)) {
            update.setString(1, runId.value());
            update.setString(2, trialKey);
            update.executeUpdate();
        }
    }

    /** The trial has run to its end; its run is FINISHED. */
    public void finished(String sweepId, String trialKey) {
        database.write(connection -> {
            Sweeps.lock(connection, sweepId);
            RunRows.finish(connection, run(connection, trialKey), RunStatus.FINISHED, null, null);
            return done(connection, sweepId, trialKey);
        });
    }

    /**
     * The trial has failed for good; its run, made now if it has none, is FAILED. Nothing happens if it has ended or come back, or
     * has been given to another execution since.
     *
     * @param execution of the sweep's workflow, to which it was given
     */
    public void failed(String sweepId, String trialKey, String execution, String errorCode, String message) {
        database.write(connection -> {
            Sweeps.lock(connection, sweepId);
            if (text(connection, SELECT_GIVEN_OUT, sweepId, trialKey, execution).isPresent()) {
                failedAtOnce(connection, sweepId, trialKey, errorCode, message);
            }
            return true;
        });
    }

    private static final String SELECT_GIVEN_OUT = """
            SELECT trial_key FROM sweep_trial
            WHERE sweep_id = ? AND trial_key = ? AND execution = ? AND state = 'ASSIGNED'
            """;

    /** As {@link #failed}, of a trial that is given out, under the sweep's lock. */
    static void failedAtOnce(Connection connection, String sweepId, String trialKey, String errorCode, String message)
            throws SQLException {
        RunId runId = begin(connection, sweepId, trialKey);
        RunRows.finish(connection, runId, RunStatus.FAILED, errorCode, message);
        done(connection, sweepId, trialKey);
    }

    private static final String SELECT_STATE = "SELECT state FROM sweep_trial WHERE sweep_id = ? AND trial_key = ?";

    public LeaseState loadState(String sweepId, String trialKey) {
        return database.read(connection -> text(connection, SELECT_STATE, sweepId, trialKey))
                .map(LeaseState::valueOf)
                .orElseThrow(() -> notFound(sweepId, trialKey));
    }

    private static final String RELEASE = """
            UPDATE sweep_trial SET state = 'PENDING', execution = NULL, requester = NULL
            WHERE sweep_id = ? AND trial_key = ? AND state = 'ASSIGNED'
            """;
    private static final String DISOWN = "UPDATE trial SET owner = NULL WHERE owner = ? AND trial_key = ?";

    /** The trial was interrupted, with all it did committed: anybody may take it up. */
    public void released(String sweepId, String trialKey) {
        database.write(connection -> {
            Sweeps.lock(connection, sweepId);
            update(connection, RELEASE, sweepId, trialKey);
            return update(connection, DISOWN, sweepId, trialKey);
        });
    }

    private static final String GIVE_BACK = """
            UPDATE sweep_trial SET state = 'PENDING', execution = NULL, requester = NULL
            WHERE sweep_id = ? AND trial_key = ANY (?) AND execution = ? AND state = 'ASSIGNED'
            RETURNING trial_key
            """;
    private static final String DISOWN_ALL = "UPDATE trial SET owner = NULL WHERE owner = ? AND trial_key = ANY (?)";

    /** Takes trials back that were given to this execution and of which nothing runs; others are left alone. */
    public void givenBack(String sweepId, Collection<String> trialKeys, String execution) {
        database.write(connection -> {
            Sweeps.lock(connection, sweepId);
            List<String> back = new ArrayList<>();
            try (PreparedStatement update = connection.prepareStatement(GIVE_BACK)) {
                update.setString(1, sweepId);
                update.setArray(2, connection.createArrayOf("text", trialKeys.toArray()));
                update.setString(3, execution);
                try (ResultSet row = update.executeQuery()) {
                    while (row.next()) {
                        back.add(Columns.text(row, "trial_key"));
                    }
                }
            }
            try (PreparedStatement update = connection.prepareStatement(DISOWN_ALL)) {
                update.setString(1, sweepId);
                update.setArray(2, connection.createArrayOf("text", back.toArray()));
                return update.executeUpdate();
            }
        });
    }

    private static final String HOLD = """
            UPDATE sweep_trial SET state = 'HELD', execution = NULL, requester = NULL
            WHERE sweep_id = ? AND trial_key = ? AND state = 'ASSIGNED'
            """;
    private static final String INSERT_RESULT = """
            INSERT INTO rung_result (sweep_id, trial_key, rung, epochs, best, mean)
            SELECT st.sweep_id, st.trial_key, st.rung, ?,
                   CASE s.goal WHEN 'MAX' THEN max(m.value) ELSE min(m.value) END, avg(m.value)
            FROM sweep_trial st
            JOIN sweep s USING (sweep_id)
            JOIN trial t USING (trial_key)
            LEFT JOIN metric m ON m.run_id = t.run_id AND m.key = 'validation/' || s.objective AND m.value <> 'NaN'
            WHERE st.sweep_id = ? AND st.trial_key = ? AND st.state = 'ASSIGNED'
            GROUP BY st.sweep_id, st.trial_key, st.rung, s.goal
            ON CONFLICT DO NOTHING
            """;

    /**
     * The trial has come to a rung, with all it did committed, and waits there with its checkpoint.
     *
     * @param epochs that it has done
     */
    public void held(String sweepId, String trialKey, int epochs) {
        database.write(connection -> {
            Sweeps.lock(connection, sweepId);
            try (PreparedStatement insert = connection.prepareStatement(INSERT_RESULT)) {
                insert.setInt(1, epochs);
                insert.setString(2, sweepId);
                insert.setString(3, trialKey);
                insert.executeUpdate();
            }
            return update(connection, HOLD, sweepId, trialKey);
        });
    }

    private static final String DONE = """
            UPDATE sweep_trial st
            SET state = 'DONE', execution = NULL, requester = NULL, retry_failed = false, value = (
                SELECT m.value FROM trial t
                JOIN run r ON r.run_id = t.run_id AND r.status = 'FINISHED'
                JOIN sweep s ON s.sweep_id = st.sweep_id
                JOIN metric m ON m.run_id = t.run_id AND m.key = 'best/validation/' || s.objective
                WHERE t.trial_key = st.trial_key ORDER BY m.step DESC LIMIT 1)
            WHERE st.sweep_id = ? AND st.trial_key = ? AND st.state <> 'DONE'
            RETURNING st.value
            """;
    private static final String COUNT = """
            UPDATE sweep SET ended_trials = ended_trials + 1 WHERE sweep_id = ?
            RETURNING ended_trials, best_value, goal, objective
            """;
    private static final String SET_BEST = "UPDATE sweep SET best_value = ?, best_trial = ? WHERE sweep_id = ?";

    /** Counts the trial, whose run has ended, under the sweep's lock; false if it was counted before. */
    static boolean done(Connection connection, String sweepId, String trialKey) throws SQLException {
        Double value;
        try (PreparedStatement done = connection.prepareStatement(DONE)) {
            done.setString(1, sweepId);
            done.setString(2, trialKey);
            try (ResultSet row = done.executeQuery()) {
                if (!row.next()) {
                    return false;
                }
                value = row.getObject("value", Double.class);
            }
        }
        update(connection, DISOWN, sweepId, trialKey);
        try (PreparedStatement count = connection.prepareStatement(COUNT)) {
            count.setString(1, sweepId);
            try (ResultSet row = count.executeQuery()) {
                row.next();
                long ended = row.getLong("ended_trials");
                Double best = row.getObject("best_value", Double.class);
                ObjectiveSpec.Goal goal = ObjectiveSpec.Goal.valueOf(Columns.text(row, "goal"));
                if (isBetter(value, best, goal)) {
                    setBest(connection, sweepId, trialKey, value);
                    best = value;
                }
                tell(connection, new RunId(sweepId), ended, Columns.text(row, "objective"), best);
            }
        }
        return true;
    }

    private static boolean isBetter(@Nullable Double value, @Nullable Double best, ObjectiveSpec.Goal goal) {
        if (value == null || value.isNaN()) {
            return false;
        }
        return best == null || (goal == ObjectiveSpec.Goal.MAX ? value > best : value < best);
    }

    private static void setBest(Connection connection, String sweepId, String trialKey, @Nullable Double value)
            throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(SET_BEST)) {
            update.setObject(1, value);
            update.setString(2, trialKey);
            update.setString(3, sweepId);
            update.executeUpdate();
        }
    }

    /** Points of the sweep's own run, by which MLflow can chart it. */
    private static void tell(Connection connection, RunId sweep, long ended, String objective, @Nullable Double best)
            throws SQLException {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        List<MetricPoint> points = new ArrayList<>();
        points.add(new MetricPoint("sweep/ended_trials", ended, ended, now));
        if (best != null) {
            points.add(new MetricPoint("sweep/best/" + objective, best, ended, now));
        }
        MetricRows.insert(connection, sweep, ended, points);
        OutboxRows.addMetrics(connection, sweep, ended, points);
    }

    private static final String SELECT_RUN = "SELECT run_id FROM trial WHERE trial_key = ?";

    private static RunId run(Connection connection, String trialKey) throws SQLException {
        return text(connection, SELECT_RUN, trialKey)
                .map(RunId::new)
                .orElseThrow(() -> new PerduraException(ErrorCode.NOT_FOUND, "trial " + trialKey + " has no run"));
    }

    private static Optional<String> text(Connection connection, String sql, String... arguments) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            for (int i = 0; i < arguments.length; i++) {
                select.setString(i + 1, arguments[i]);
            }
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
            }
        }
    }

    private static int update(Connection connection, String sql, String sweepId, String trialKey) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setString(1, sweepId);
            update.setString(2, trialKey);
            return update.executeUpdate();
        }
    }

    private static PerduraException notFound(String sweepId, String trialKey) {
        return new PerduraException(
                ErrorCode.NOT_FOUND, "sweep " + sweepId + " has no trial " + trialKey + " in the store");
    }
}
