package perdura.store;

import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.RowView;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunId;
import perdura.grids.spec.TrialKey;
import perdura.grids.spec.TrialState;

/** What the trials of a sweep have come to. */
public record SweepResults(Database database) {
    /** The run of a trial that waits for a slot, even one that was given out again, is not RUNNING, nor KILLED by an earlier sweep. */
    private static final String STATE = """
            CASE WHEN r.status IN ('FINISHED', 'FAILED') AND NOT st.retry_failed THEN r.status
                 WHEN st.state = 'HELD' THEN 'HELD'
                 WHEN r.status = 'KILLED'
                      AND (SELECT own.ended_at FROM sweep own WHERE own.sweep_id = st.sweep_id) IS NOT NULL THEN 'KILLED'
                 WHEN (st.state = 'ASSIGNED' OR t.owner <> st.sweep_id) AND r.status = 'RUNNING' THEN 'RUNNING'
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
        return database.read(handle ->
                list(handle, LIST + "ORDER BY st.ordinal", sweepId, latest(handle, sweepId), best(handle, sweepId)));
    }

    private static final String LIST_RUNNING =
            LIST + "AND (" + STATE + ") = 'RUNNING' ORDER BY r.started_at, st.ordinal LIMIT 50";

    /** Those that run, the longest first, without metrics; at most 50. */
    public List<TrialRow> listRunning(String sweepId) {
        return database.read(handle -> list(handle, LIST_RUNNING, sweepId, Map.of(), Map.of()));
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
        return database.list(Pretraining.class, LIST_PRETRAININGS, sweepId);
    }

    private static final String SELECT_FULL_DISK = """
            SELECT e.detail
            FROM run r JOIN event e ON e.run_id = r.run_id AND e.kind = 'DISK_FULL'
            WHERE r.status = 'RUNNING'
              AND r.run_id IN (SELECT unnest(ARRAY[t.run_id, t.needs])
                               FROM sweep_trial st JOIN trial t USING (trial_key) WHERE st.sweep_id = ?)
              AND NOT EXISTS (SELECT FROM commit c WHERE c.run_id = r.run_id AND c.committed_at > e.at)
            ORDER BY e.id DESC
            LIMIT 1
            """;

    /** Which disk is full, of a trial of the sweep or of a pre-training that one needs, while that run has not committed since. */
    public Optional<String> findFullDisk(String sweepId) {
        return database.find(String.class, SELECT_FULL_DISK, sweepId);
    }

    private static final String SELECT_BEST_LABEL = """
            SELECT st.label FROM sweep s JOIN sweep_trial st ON st.sweep_id = s.sweep_id AND st.trial_key = s.best_trial
            WHERE s.sweep_id = ?
            """;

    /** What the trial with the best objective so far is called. */
    public Optional<String> findBestLabel(String sweepId) {
        return database.find(String.class, SELECT_BEST_LABEL, sweepId);
    }

    private static final String COUNT = """
            SELECT %s AS state, count(*) AS trials
            FROM sweep_trial st JOIN trial t USING (trial_key) LEFT JOIN run r ON r.run_id = t.run_id
            WHERE st.sweep_id = ?
            GROUP BY 1
            """.formatted(STATE);

    private record Count(TrialState state, long trials) {}

    /** How many trials there are in each state. */
    public Map<TrialState, Long> count(String sweepId) {
        return database.read(handle -> {
            Map<TrialState, Long> counts = new EnumMap<>(TrialState.class);
            handle.select(COUNT, sweepId)
                    .mapTo(Count.class)
                    .forEach(count -> counts.put(count.state(), count.trials()));
            return counts;
        });
    }

    private static final String LIST_KEYS = """
            SELECT st.trial_key
            FROM sweep_trial st JOIN trial t USING (trial_key) LEFT JOIN run r ON r.run_id = t.run_id
            WHERE st.sweep_id = ? AND %s = ?
            """.formatted(STATE);

    /** The trials of a sweep that are in a state. */
    public Set<TrialKey> listKeys(String sweepId, TrialState state) {
        return new HashSet<>(database.list(TrialKey.class, LIST_KEYS, sweepId, state));
    }

    private static final String SELECT_MEMBERSHIP = """
            SELECT s.sweep_id, %s AS state
            FROM trial t JOIN sweep_trial st USING (trial_key) JOIN sweep s USING (sweep_id) JOIN run r ON r.run_id = t.run_id
            WHERE t.run_id = ?
            ORDER BY s.sweep_id = t.owner DESC NULLS LAST, s.ended_at IS NULL DESC, s.submitted_at DESC, s.sweep_id
            LIMIT 1
            """.formatted(STATE);

    /** The sweep by which a trial is steered, and how far the trial is in it. */
    public record Membership(String sweepId, TrialState state) {}

    /** Of the sweeps that have the trial: the one that runs it, else one under way, else the newest. Empty for another run. */
    public Optional<Membership> findMembership(RunId trial) {
        return database.find(Membership.class, SELECT_MEMBERSHIP, trial);
    }

    private static List<TrialRow> list(
            Handle handle,
            String sql,
            String sweepId,
            Map<String, Map<String, Double>> latest,
            Map<String, Double> best) {
        return handle.select(sql, sweepId).map(row -> trial(row, latest, best)).list();
    }

    private static TrialRow trial(RowView row, Map<String, Map<String, Double>> latest, Map<String, Double> best) {
        String runId = row.getColumn("run_id", String.class);
        return new TrialRow(
                row.getRow(TrialRow.Identity.class),
                runId,
                row.getColumn("state", TrialState.class),
                row.getRow(TrialRow.Progress.class),
                new TrialRow.Results(
                        runId == null ? Map.of() : latest.getOrDefault(runId, Map.of()),
                        runId == null ? null : best.get(runId)),
                row.getRow(Run.Outcome.class),
                new Run.Mlflow(
                        row.getColumn("mlflow_experiment_id", String.class),
                        row.getColumn("mlflow_run_id", String.class)));
    }

    /** Ranges of the table's key, so that a run's many points of training are not looked at. */
    private static final String SELECT_LATEST = """
            SELECT DISTINCT ON (m.run_id, m.key) m.run_id, m.key, m.value
            FROM sweep_trial st
            JOIN trial t USING (trial_key)
            JOIN metric m ON m.run_id = t.run_id AND (m.key >= 'baseline/' AND m.key < 'baseline0'
                                                      OR m.key >= 'best/' AND m.key < 'best0'
                                                      OR m.key >= 'test/' AND m.key < 'test0'
                                                      OR m.key >= 'validation/' AND m.key < 'validation0')
            WHERE st.sweep_id = ?
            ORDER BY m.run_id, m.key, m.step DESC
            """;

    private record Value(String runId, String key, double value) {}

    private static Map<String, Map<String, Double>> latest(Handle handle, String sweepId) {
        Map<String, Map<String, Double>> latest = new HashMap<>();
        handle.select(SELECT_LATEST, sweepId)
                .mapTo(Value.class)
                .forEach(one -> latest.computeIfAbsent(one.runId(), run -> new TreeMap<>())
                        .put(one.key(), one.value()));
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

    private record Best(String runId, @Nullable Double best) {}

    private static Map<String, Double> best(Handle handle, String sweepId) {
        Map<String, Double> best = new HashMap<>();
        for (Best one : handle.select(SELECT_BEST, sweepId).mapTo(Best.class).list()) {
            if (one.best() != null) {
                best.put(one.runId(), one.best());
            }
        }
        return best;
    }

    /**
     * A trial of a sweep, with its results so far.
     *
     * @param runId null before it has begun
     */
    public record TrialRow(
            Identity identity,
            @Nullable String runId,
            TrialState state,
            Progress progress,
            Results results,
            Run.Outcome outcome,
            Run.Mlflow mlflow) {
        /**
         * Which trial it is.
         *
         * @param label what tells it from the others, for people
         * @param parameters canonical JSON, by path
         */
        public record Identity(String trialKey, long ordinal, String label, String parameters, long seed) {}

        /**
         * How far it is.
         *
         * @param shared whether another sweep has run it
         * @param deviceSeconds that its attempts have held a device
         * @param epoch epochs committed
         * @param step steps committed, or a few more that the running attempt has reported
         */
        public record Progress(
                boolean shared,
                double deviceSeconds,
                int epoch,
                long step,
                @Nullable Long totalSteps) {}

        /**
         * What was measured.
         *
         * @param latest the newest value of each metric of validation and test data, and of answers that need no learning
         * @param bestValidation the objective: of a finished trial that of its chosen epoch, else the best of the epochs so far
         */
        public record Results(
                Map<String, Double> latest, @Nullable Double bestValidation) {
            public Results {
                latest = Collections.unmodifiableMap(new TreeMap<>(latest));
            }
        }
    }
}
