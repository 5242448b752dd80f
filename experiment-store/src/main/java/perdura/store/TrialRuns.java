package perdura.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;

/** Makes the run of a trial that begins: its id is a function of the trial's key, so it is made once. */
final class TrialRuns {
    /** Digits of the key in a run's id; two trials of a task with the same ones are refused, not mixed. */
    private static final int DIGITS = 12;

    private static final ObjectMapper JSON = new ObjectMapper();

    private TrialRuns() {}

    /**
     * A trial that begins.
     *
     * @param spec as {@code ResolvedTrialJson} writes it
     */
    record Begun(String trialKey, RunId sweep, String experiment, String label, String spec) {}

    static RunId create(Connection connection, Begun trial) throws SQLException {
        JsonNode spec = read(trial);
        String task = spec.path("task").asText();
        RunId runId = new RunId(task + "-" + trial.trialKey().substring(0, DIGITS));
        RunRows.create(
                connection,
                new NewRun(
                        runId,
                        trial.experiment(),
                        trial.label(),
                        task,
                        trial.spec(),
                        trial.trialKey(),
                        Long.parseLong(spec.path("seed").asText()),
                        params(spec),
                        tags(connection, trial, runId, task),
                        trial.sweep()));
        return runId;
    }

    private static JsonNode read(Begun trial) {
        try {
            return JSON.readTree(trial.spec());
        } catch (JsonProcessingException e) {
            throw new PerduraException(ErrorCode.INTERNAL, "trial " + trial.trialKey() + " has no JSON", e);
        }
    }

    private static Map<String, String> params(JsonNode spec) {
        Map<String, String> params = new LinkedHashMap<>();
        params.put(
                "task",
                spec.path("task").asText() + "@" + spec.path("taskVersion").asText());
        spec.path("parameters")
                .properties()
                .forEach(entry -> params.put(
                        entry.getKey(),
                        entry.getValue().isValueNode()
                                ? entry.getValue().asText()
                                : entry.getValue().toString()));
        params.put("seed", spec.path("seed").asText());
        spec.path("references")
                .properties()
                .forEach(entry ->
                        params.put(entry.getKey() + ".digest", entry.getValue().asText()));
        return params;
    }

    private static final String SELECT_SHARED_TAGS = """
            SELECT name, value FROM param
            WHERE run_id = ? AND kind = 'TAG' AND name IN ('mlflow.user', 'mlflow.source.name', 'mlflow.source.git.commit')
            ORDER BY ordinal
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
        try (PreparedStatement select = connection.prepareStatement(SELECT_SHARED_TAGS)) {
            select.setString(1, trial.sweep().value());
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    tags.put(Columns.text(row, "name"), Columns.text(row, "value"));
                }
            }
        }
        return tags;
    }
}
