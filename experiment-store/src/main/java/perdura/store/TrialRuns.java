package perdura.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;

/** Makes the run of a trial that begins: its id is a function of the trial's key, so it is made once. */
final class TrialRuns {
    /** Digits of the key in a run's id; two trials of a task with the same ones are refused, not mixed. */
    private static final int DIGITS = 12;

    private TrialRuns() {}

    /** A trial that begins, below the run of its sweep. */
    record Begun(String trialKey, RunId sweep, String experiment, String label) {}

    private static final String SELECT_TRIAL =
            "SELECT task, seed, spec, spec ->> 'taskVersion' AS version FROM trial WHERE trial_key = ?";

    static RunId create(Connection connection, Begun trial) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SELECT_TRIAL)) {
            select.setString(1, trial.trialKey());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                String task = Columns.text(row, "task");
                RunId runId = new RunId(task + "-" + trial.trialKey().substring(0, DIGITS));
                Map<String, String> params = new LinkedHashMap<>();
                params.put("task", task + "@" + Columns.text(row, "version"));
                params.put("seed", Columns.text(row, "seed"));
                put(connection, SELECT_PARAMS, trial.trialKey(), params);
                RunRows.create(
                        connection,
                        new NewRun(
                                runId,
                                new Run.Identity(
                                        trial.experiment(),
                                        trial.label(),
                                        RunKind.TRIAL,
                                        Columns.text(row, "spec"),
                                        trial.trialKey(),
                                        row.getLong("seed")),
                                params,
                                tags(connection, trial, runId, task),
                                trial.sweep()));
                return runId;
            }
        }
    }

    /** The spec is {@code ResolvedTrialJson}'s. */
    private static final String SELECT_PARAMS = """
            SELECT p.key AS name, coalesce(p.value, 'null') AS value
            FROM trial t, json_each_text(t.spec -> 'parameters') p
            WHERE t.trial_key = ?
            """;

    private static final String SELECT_REFERENCES = """
            SELECT 'perdura.' || p.key || '.digest' AS name, p.value
            FROM trial t, json_each_text(t.spec -> 'references') p
            WHERE t.trial_key = ?
            """;

    private static final String SELECT_SHARED_TAGS = """
            SELECT name, value FROM param
            WHERE run_id = ? AND kind = 'TAG'
              AND name IN ('mlflow.user', 'mlflow.source.name', 'mlflow.source.git.commit')
            """;

    private static Map<String, String> tags(Connection connection, Begun trial, RunId runId, String task)
            throws SQLException {
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("perdura.sweep", trial.sweep().value());
        tags.put("perdura.task", task);
        tags.put("perdura.trial_key", trial.trialKey());
        tags.put(
                "mlflow.note.content",
                "A trial of sweep `%s`, run by Perdura. See `perdura runs show %s` and `perdura leaderboard %s`."
                        .formatted(trial.sweep(), runId, trial.sweep()));
        put(connection, SELECT_REFERENCES, trial.trialKey(), tags);
        put(connection, SELECT_SHARED_TAGS, trial.sweep().value(), tags);
        return tags;
    }

    private static void put(Connection connection, String sql, String of, Map<String, String> into)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, of);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    into.put(Columns.text(row, "name"), Columns.text(row, "value"));
                }
            }
        }
    }
}
