package perdura.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Advice;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.NumberText;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;

/** Makes the run of a trial that begins: its id is a function of the trial's key, so it is made once. */
final class TrialRuns {
    /** Digits of the key in a run's id; two trials of a task with the same ones are refused, not mixed. */
    private static final int DIGITS = 12;

    private static final ObjectMapper JSON = new ObjectMapper();

    private TrialRuns() {}

    /** A trial that begins, below the run of its sweep. */
    record Begun(String trialKey, RunId sweep, String experiment, String label) {}

    private static final String SELECT_TRIAL =
            "SELECT task, seed, spec, spec ->> 'taskVersion' AS version FROM trial WHERE trial_key = ?";

    /** Table trial, as far as its run needs it. */
    private record Row(String task, long seed, String spec, String version) {}

    static RunId create(Handle handle, Begun trial) {
        Row row = handle.select(SELECT_TRIAL, trial.trialKey()).mapTo(Row.class).one();
        RunId runId = new RunId(row.task() + "-" + trial.trialKey().substring(0, DIGITS));
        Map<String, String> params = new LinkedHashMap<>();
        params.put("task", row.task() + "@" + row.version());
        params.put("seed", String.valueOf(row.seed()));
        parameters(row.spec()).forEach((path, value) -> params.put(path, NumberText.ofValue(value)));
        Run.Identity identity = new Run.Identity(
                trial.experiment(), trial.label(), RunKind.TRIAL, row.spec(), trial.trialKey(), row.seed());
        RunRows.create(
                handle, new NewRun(runId, identity, params, tags(handle, trial, runId, row.task()), trial.sweep()));
        return runId;
    }

    /** The spec is {@code ResolvedTrialJson}'s. */
    private static Map<String, @Nullable Object> parameters(String spec) {
        try {
            return JSON.convertValue(JSON.readTree(spec).path("parameters"), new TypeReference<>() {});
        } catch (JsonProcessingException e) {
            throw new PerduraException(ErrorCode.INTERNAL, "the store holds a trial that is no JSON", e);
        }
    }

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

    private static Map<String, String> tags(Handle handle, Begun trial, RunId runId, String task) {
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("perdura.sweep", trial.sweep().value());
        tags.put("perdura.task", task);
        tags.put("perdura.trial_key", trial.trialKey());
        tags.put(
                "mlflow.note.content",
                "A trial of sweep `%s`, run by Perdura. See `%s` and `%s`."
                        .formatted(trial.sweep(), Advice.RUNS_SHOW.of(runId), Advice.LEADERBOARD.of(trial.sweep())));
        put(handle, SELECT_REFERENCES, trial.trialKey(), tags);
        put(handle, SELECT_SHARED_TAGS, trial.sweep().value(), tags);
        put(handle, SELECT_SWEEPS, trial.trialKey(), tags);
        return tags;
    }

    /** What begins the names of the tags of a trial's run that name the sweeps with this trial; the value is its label there. */
    private static final String OF_SWEEP = "perdura.sweep.";

    private static final String SELECT_SWEEPS = """
            SELECT '%s' || sweep_id AS name, label AS value FROM sweep_trial WHERE trial_key = ? ORDER BY sweep_id
            """.formatted(OF_SWEEP);

    private static final String TAG_SWEEP = """
            INSERT INTO param (run_id, kind, name, value, ordinal)
            SELECT t.run_id, 'TAG', ?, st.label,
                   (SELECT count(*) FROM param p WHERE p.run_id = t.run_id AND p.kind = 'TAG')
            FROM sweep_trial st JOIN trial t USING (trial_key)
            WHERE st.sweep_id = ? AND t.trial_key = ANY (?) AND t.run_id IS NOT NULL
            ON CONFLICT DO NOTHING
            RETURNING run_id
            """;

    /** The runs that trials have already, and which a sweep shares, are tagged with it. */
    static void tagSweep(Handle handle, String sweepId, String[] trialKeys) {
        List<RunId> tagged = handle.select(TAG_SWEEP, OF_SWEEP + sweepId, sweepId, trialKeys)
                .mapTo(RunId.class)
                .list();
        OutboxRows.addTags(handle, tagged);
    }

    private static void put(Handle handle, String sql, String of, Map<String, String> into) {
        handle.select(sql, of)
                .map((row, context) -> Map.entry(row.getString("name"), row.getString("value")))
                .forEach(entry -> into.put(entry.getKey(), entry.getValue()));
    }
}
