package perdura.store.relay;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Advice;
import perdura.grids.spec.NumberText;
import perdura.grids.spec.ObjectiveSpec;
import perdura.grids.spec.RunId;

/**
 * What MLflow shows of a sweep as it is now: a description with a table that leads to its trials, whichever sweep has run them, and
 * tags that name the best.
 */
record SweepNote(Handle handle, String trackingUri) {
    /** MLflow cuts a description after 8,000 letters; the last lines need some. */
    private static final int TABLE_LETTERS = 6_500;

    private static final int MOST_ROWS = 60;

    private static final String SELECT_SWEEP = """
            SELECT s.objective, s.goal, t.run_id AS best_run, s.best_value, b.label AS best_label,
                   d.mlflow_run_id, e.mlflow_experiment_id
            FROM sweep s
            LEFT JOIN sweep_trial b ON b.sweep_id = s.sweep_id AND b.trial_key = s.best_trial
            LEFT JOIN trial t ON t.trial_key = s.best_trial
            LEFT JOIN run r ON r.run_id = t.run_id
            LEFT JOIN experiment e ON e.name = r.experiment
            LEFT JOIN delivery d ON d.run_id = t.run_id
            WHERE s.sweep_id = ?
            """;

    private record Sweep(
            String objective,
            ObjectiveSpec.Goal goal,
            @Nullable String bestRun,
            @Nullable Double bestValue,
            @Nullable String bestLabel,
            @Nullable String mlflowRunId,
            @Nullable String mlflowExperimentId) {}

    private static final String SELECT_COUNTS = """
            SELECT coalesce(r.status, 'SCHEDULED') AS status, count(*) AS trials
            FROM sweep_trial st JOIN trial t USING (trial_key) LEFT JOIN run r ON r.run_id = t.run_id
            WHERE st.sweep_id = ? GROUP BY 1 ORDER BY 1
            """;

    private record Count(String status, long trials) {}

    /** The best first, then those that have begun, then the others, each by their order. */
    private static final String SELECT_TRIALS = """
            SELECT st.label, t.run_id, coalesce(r.status, 'SCHEDULED') AS status, st.value,
                   o.value AS sweep, d.mlflow_run_id, e.mlflow_experiment_id
            FROM sweep_trial st
            JOIN sweep s USING (sweep_id)
            JOIN trial t USING (trial_key)
            LEFT JOIN run r ON r.run_id = t.run_id
            LEFT JOIN param o ON o.run_id = t.run_id AND o.kind = 'TAG' AND o.name = 'perdura.sweep'
            LEFT JOIN experiment e ON e.name = r.experiment
            LEFT JOIN delivery d ON d.run_id = t.run_id
            WHERE st.sweep_id = ?
            ORDER BY CASE WHEN st.value <> 'NaN' THEN CASE s.goal WHEN 'MAX' THEN -st.value ELSE st.value END END NULLS LAST,
                     t.run_id IS NULL, st.ordinal
            LIMIT ?
            """;

    private record Trial(
            String label,
            @Nullable String runId,
            String status,
            @Nullable Double value,
            @Nullable String sweep,
            @Nullable String mlflowRunId,
            @Nullable String mlflowExperimentId) {}

    private static final String SELECT_EXPERIMENTS = """
            SELECT DISTINCT e.mlflow_experiment_id
            FROM sweep_trial st JOIN trial t USING (trial_key) JOIN run r ON r.run_id = t.run_id
            JOIN experiment e ON e.name = r.experiment
            WHERE st.sweep_id = ? AND e.mlflow_experiment_id IS NOT NULL ORDER BY 1
            """;

    /** The tags of a sweep's run. */
    Map<String, String> tags(RunId sweepId) {
        Sweep sweep = handle.select(SELECT_SWEEP, sweepId).mapTo(Sweep.class).one();
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("mlflow.note.content", text(sweepId, sweep));
        if (sweep.bestRun() != null && sweep.bestValue() != null) {
            tags.put("perdura.best_run", sweep.bestRun());
            tags.put("perdura.best_value", NumberText.of(sweep.bestValue()));
        }
        return tags;
    }

    private String text(RunId sweepId, Sweep sweep) {
        String metric = "validation/" + sweep.objective();
        List<Count> counts =
                handle.select(SELECT_COUNTS, sweepId).mapTo(Count.class).list();
        long trials = counts.stream().mapToLong(Count::trials).sum();
        StringBuilder text = new StringBuilder("A sweep, run by Perdura. Its %d trials: %s.%n%n"
                .formatted(
                        trials,
                        counts.stream()
                                .map(count -> count.trials() + " " + count.status())
                                .collect(Collectors.joining(", "))));
        if (sweep.bestRun() != null && sweep.bestValue() != null) {
            text.append("Best so far by %s of %s: %s (%s), %s.%n%n"
                    .formatted(
                            sweep.goal() == ObjectiveSpec.Goal.MAX ? "the greatest" : "the least",
                            metric,
                            link(sweep.bestRun(), sweep.mlflowExperimentId(), sweep.mlflowRunId()),
                            plain(String.valueOf(sweep.bestLabel())),
                            NumberText.of(sweep.bestValue())));
        }
        appendTable(text, sweepId, metric, trials);
        text.append(
                "%nSee also `%s`, and `%s --open`.%n".formatted(Advice.LEADERBOARD.of(sweepId), Advice.COMPARE.of(sweepId)));
        return text.toString();
    }

    private void appendTable(StringBuilder text, RunId sweepId, String metric, long trials) {
        text.append("| trial | run | status | %s | run for |%n| --- | --- | --- | --- | --- |%n".formatted(metric));
        long shown = 0;
        for (Trial trial : handle.select(SELECT_TRIALS, sweepId, MOST_ROWS)
                .mapTo(Trial.class)
                .list()) {
            String row = "| %s | %s | %s | %s | %s |%n"
                    .formatted(
                            plain(trial.label()),
                            trial.runId() == null
                                    ? ""
                                    : link(trial.runId(), trial.mlflowExperimentId(), trial.mlflowRunId()),
                            trial.status(),
                            trial.value() == null ? "" : NumberText.of(trial.value()),
                            trial.sweep() == null ? "" : trial.sweep());
            if (text.length() + row.length() > TABLE_LETTERS) {
                break;
            }
            text.append(row);
            shown++;
        }
        text.append("%n%s trials that have begun, also those of other sweeps, have the tag `perdura.sweep.%s`: %s%n"
                .formatted(
                        shown < trials ? "The table shows %d of %d trials. All".formatted(shown, trials) : "All",
                        sweepId,
                        handle.select(SELECT_EXPERIMENTS, sweepId).mapTo(String.class).stream()
                                .map(experiment ->
                                        "[in experiment %s](%s)".formatted(experiment, search(sweepId, experiment)))
                                .collect(Collectors.joining(", "))));
    }

    private String search(RunId sweepId, String experimentId) {
        String filter = "tags.`perdura.sweep." + sweepId + "` != ''";
        return trackingUri + "/#/experiments/" + experimentId + "/runs?searchFilter="
                + URLEncoder.encode(filter, StandardCharsets.UTF_8).replace("+", "%20")
                + "&workflowType=machine_learning";
    }

    private String link(String runId, @Nullable String experimentId, @Nullable String mlflowRunId) {
        return experimentId == null || mlflowRunId == null
                ? "`" + runId + "`"
                : "[%s](%s/#/experiments/%s/runs/%s?workflowType=machine_learning)"
                        .formatted(runId, trackingUri, experimentId, mlflowRunId);
    }

    /** A label in a cell of a table. */
    private static String plain(String label) {
        return label.replace("|", "\\|").lines().collect(Collectors.joining(" "));
    }
}
