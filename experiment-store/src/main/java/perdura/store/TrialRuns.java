package perdura.store;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import perdura.grids.spec.Advice;
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

    /** Table trial, as far as its run needs it. */
    private record Row(String task, long seed, String spec, String version) {}

    static RunId create(Handle handle, Begun trial) {
        Row row = handle.select(SELECT_TRIAL, trial.trialKey()).mapTo(Row.class).one();
        RunId runId = new RunId(row.task() + "-" + trial.trialKey().substring(0, DIGITS));
        Map<String, String> params = new LinkedHashMap<>();
        params.put("task", row.task() + "@" + row.version());
        params.put("seed", String.valueOf(row.seed()));
        put(handle, SELECT_PARAMS, trial.trialKey(), params);
        Run.Identity identity = new Run.Identity(
                trial.experiment(), trial.label(), RunKind.TRIAL, row.spec(), trial.trialKey(), row.seed());
        RunRows.create(
                handle, new NewRun(runId, identity, params, tags(handle, trial, runId, row.task()), trial.sweep()));
        return runId;
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
        return tags;
    }

    private static void put(Handle handle, String sql, String of, Map<String, String> into) {
        handle.select(sql, of)
                .map((row, context) -> Map.entry(row.getString("name"), row.getString("value")))
                .forEach(entry -> into.put(entry.getKey(), entry.getValue()));
    }
}
