package perdura.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunId;
import perdura.grids.spec.TrialState;

/** What the trials of a sweep have come to. */
public final class SweepResults {
    private final Database database;

    public SweepResults(Database database) {
        this.database = database;
    }

    private static final String STATE = """
            CASE WHEN r.status IN ('FINISHED', 'FAILED') AND NOT st.retry_failed THEN r.status
                 WHEN st.state = 'HELD' THEN 'HELD'
                 WHEN r.status = 'KILLED' THEN 'KILLED'
                 WHEN st.state = 'ASSIGNED' AND r.status = 'RUNNING' THEN 'RUNNING'
                 WHEN t.owner <> st.sweep_id AND r.status = 'RUNNING' THEN 'RUNNING'
                 ELSE 'PENDING' END
            """;
    private static final String LIST = """
            SELECT st.trial_key, st.ordinal, st.label, t.spec -> 'parameters' AS parameters, t.seed, t.run_id, %s AS state,
                   st.started_at IS NULL AND t.run_id IS NOT NULL AS shared, r.error_code, r.error_message, r.started_at,
                   r.ended_at, r.epoch, greatest(r.step, a.live_step) AS step, r.total_steps, d.mlflow_run_id,
                   e.mlflow_experiment_id,
                   (SELECT coalesce(sum(extract(epoch FROM coalesce(x.ended_at, now()) - x.claimed_at)), 0)
                    FROM attempt x
                    WHERE x.run_id = t.run_id AND (x.ended_at IS NOT NULL OR x.fence = r.fence)) AS device_seconds
            FROM sweep_trial st
            JOIN trial t USING (trial_key)
            LEFT JOIN run r ON r.run_id = t.run_id
            LEFT JOIN attempt a ON a.run_id = r.run_id AND a.fence = r.fence AND r.status = 'RUNNING'
            LEFT JOIN delivery d ON d.run_id = t.run_id
            LEFT JOIN experiment e ON e.name = r.experiment
            WHERE st.sweep_id = ?
            """.formatted(STATE);

    /** All trials, in their order. */
    public List<TrialRow> list(String sweepId) {
        return database.read(connection -> list(
                connection,
                LIST + "ORDER BY st.ordinal",
                sweepId,
                latest(connection, sweepId),
                best(connection, sweepId)));
    }

    private static final String LIST_RUNNING =
            LIST + "AND st.state = 'ASSIGNED' AND r.status = 'RUNNING' ORDER BY r.started_at, st.ordinal LIMIT 50";

    /** Those that run, the longest first, without metrics; at most 50. */
    public List<TrialRow> listRunning(String sweepId) {
        return database.read(connection -> list(connection, LIST_RUNNING, sweepId, Map.of(), Map.of()));
    }

    /**
     * A pre-training that runs, and that trials wait for.
     *
     * @param step that it has done
     * @param totalSteps of its plan, once known
     */
    public record Pretraining(
            RunId runId, long step, @Nullable Long totalSteps) {}

    private static final String LIST_PRETRAININGS = """
            SELECT r.run_id, greatest(r.step, a.live_step) AS step, r.total_steps
            FROM run r LEFT JOIN attempt a ON a.run_id = r.run_id AND a.fence = r.fence
            WHERE r.status = 'RUNNING'
              AND r.run_id IN (SELECT t.needs FROM sweep_trial st JOIN trial t USING (trial_key)
                               WHERE st.sweep_id = ? AND st.state = 'PENDING' AND t.needs IS NOT NULL)
            ORDER BY r.started_at, r.run_id
            LIMIT 50
            """;

    /** The pre-trainings that run and that trials of the sweep wait for, the longest first; at most 50. */
    public List<Pretraining> listPretrainings(String sweepId) {
        return database.read(connection -> {
            List<Pretraining> all = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(LIST_PRETRAININGS)) {
                select.setString(1, sweepId);
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        all.add(new Pretraining(
                                Columns.runId(row), row.getLong("step"), row.getObject("total_steps", Long.class)));
                    }
                }
            }
            return all;
        });
    }

    private static final String SELECT_BEST_LABEL = """
            SELECT st.label FROM sweep s JOIN sweep_trial st ON st.sweep_id = s.sweep_id AND st.trial_key = s.best_trial
            WHERE s.sweep_id = ?
            """;

    /** What the trial with the best objective so far is called. */
    public Optional<String> findBestLabel(String sweepId) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(SELECT_BEST_LABEL)) {
                select.setString(1, sweepId);
                try (ResultSet row = select.executeQuery()) {
                    return row.next() ? Optional.of(Columns.text(row, "label")) : Optional.empty();
                }
            }
        });
    }

    private static final String COUNT = """
            SELECT %s AS state, count(*) AS trials
            FROM sweep_trial st JOIN trial t USING (trial_key) LEFT JOIN run r ON r.run_id = t.run_id
            WHERE st.sweep_id = ?
            GROUP BY 1
            """.formatted(STATE);

    /** How many trials there are in each state. */
    public Map<TrialState, Long> count(String sweepId) {
        return database.read(connection -> {
            Map<TrialState, Long> counts = new EnumMap<>(TrialState.class);
            try (PreparedStatement select = connection.prepareStatement(COUNT)) {
                select.setString(1, sweepId);
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        counts.put(TrialState.valueOf(Columns.text(row, "state")), row.getLong("trials"));
                    }
                }
            }
            return counts;
        });
    }

    private static List<TrialRow> list(
            Connection connection,
            String sql,
            String sweepId,
            Map<String, Map<String, Double>> latest,
            Map<String, Double> best)
            throws SQLException {
        List<TrialRow> rows = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, sweepId);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    rows.add(trial(row, latest, best));
                }
            }
        }
        return rows;
    }

    private static TrialRow trial(ResultSet row, Map<String, Map<String, Double>> latest, Map<String, Double> best)
            throws SQLException {
        String runId = row.getString("run_id");
        return new TrialRow(
                new TrialRow.Identity(
                        Columns.text(row, "trial_key"),
                        row.getLong("ordinal"),
                        Columns.text(row, "label"),
                        Columns.text(row, "parameters"),
                        row.getLong("seed")),
                runId,
                TrialState.valueOf(Columns.text(row, "state")),
                new TrialRow.Progress(
                        row.getBoolean("shared"),
                        row.getDouble("device_seconds"),
                        row.getInt("epoch"),
                        row.getLong("step"),
                        row.getObject("total_steps", Long.class)),
                new TrialRow.Results(
                        runId == null ? Map.of() : latest.getOrDefault(runId, Map.of()),
                        runId == null ? null : best.get(runId)),
                Runs.outcome(row),
                Runs.mlflow(row));
    }

    /** Ranges of the table's key, so that a run's many points of training are not looked at. */
    private static final String SELECT_LATEST = """
            SELECT DISTINCT ON (m.run_id, m.key) m.run_id, m.key, m.value
            FROM sweep_trial st
            JOIN trial t USING (trial_key)
            JOIN metric m ON m.run_id = t.run_id AND (m.key >= 'best/' AND m.key < 'best0'
                                                      OR m.key >= 'test/' AND m.key < 'test0'
                                                      OR m.key >= 'validation/' AND m.key < 'validation0')
            WHERE st.sweep_id = ?
            ORDER BY m.run_id, m.key, m.step DESC
            """;

    private static Map<String, Map<String, Double>> latest(Connection connection, String sweepId) throws SQLException {
        Map<String, Map<String, Double>> latest = new HashMap<>();
        try (PreparedStatement select = connection.prepareStatement(SELECT_LATEST)) {
            select.setString(1, sweepId);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    latest.computeIfAbsent(Columns.text(row, "run_id"), run -> new TreeMap<>())
                            .put(Columns.text(row, "key"), row.getDouble("value"));
                }
            }
        }
        return latest;
    }

    private static final String SELECT_BEST = """
            SELECT t.run_id, coalesce(
                max(m.value) FILTER (WHERE m.key = 'best/validation/' || s.objective),
                CASE s.goal WHEN 'MAX' THEN max(m.value) FILTER (WHERE m.value <> 'NaN')
                            ELSE min(m.value) FILTER (WHERE m.value <> 'NaN') END) AS best
            FROM sweep s
            JOIN sweep_trial st USING (sweep_id)
            JOIN trial t USING (trial_key)
            JOIN metric m ON m.run_id = t.run_id
                         AND m.key IN ('best/validation/' || s.objective, 'validation/' || s.objective)
            WHERE s.sweep_id = ?
            GROUP BY t.run_id, s.goal
            """;

    private static Map<String, Double> best(Connection connection, String sweepId) throws SQLException {
        Map<String, Double> best = new HashMap<>();
        try (PreparedStatement select = connection.prepareStatement(SELECT_BEST)) {
            select.setString(1, sweepId);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    @Nullable Double value = row.getObject("best", Double.class);
                    if (value != null) {
                        best.put(Columns.text(row, "run_id"), value);
                    }
                }
            }
        }
        return best;
    }
}
