package perdura.store.relay;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.reflect.ColumnName;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.OutboxRows;

/** What the relay reads and writes, inside the transaction of a turn. */
record DeliveryTable(Handle handle) {
    /**
     * A run that has rows for MLflow and whose turn it is. Whoever has it holds the lock of its row.
     *
     * @param mlflowRunId null before the run exists over there
     * @param mlflowParentId the run over there below which this one stands; null: none
     * @param tries failures since the last success
     * @param checked false if MLflow is to be asked first whether it still has the run
     * @param errorCode why it ended, and so {@code errorMessage}; null for a run that has not, or that is FINISHED
     */
    record Delivery(
            RunId runId,
            String experiment,
            String name,
            Instant createdAt,
            @Nullable String mlflowRunId,
            @Nullable String mlflowExperimentId,
            @Nullable String mlflowParentId,
            int tries,
            boolean checked,
            @Nullable String errorCode,
            @Nullable String errorMessage) {}

    /**
     * Something that MLflow is still to be told.
     *
     * @param artifactPath of an ARTIFACT row only, and so is {@code artifactUri}
     * @param status of a STATUS row only
     */
    record OutboxRow(
            long id,
            Kind kind,
            @Nullable String artifactPath,
            @ColumnName("uri") @Nullable String artifactUri,
            @Nullable RunStatus status,
            Instant createdAt) {
        enum Kind {
            /** Parameters, and the tags that the run was created with. */
            PARAMS,
            /** Our own tags, which may have changed. */
            TAGS,
            /** The description of a sweep. */
            NOTE,
            METRICS,
            ARTIFACT,
            STATUS
        }
    }

    /**
     * NO KEY: commits, which insert outbox rows that refer to this one, never wait for it. A run below another waits until
     * MLflow has that one, unless MLflow has declined it. What MLflow is to be asked for comes first, however little it has to send.
     */
    private static final String LOCK_DUE = """
            SELECT d.run_id, r.experiment, r.name, r.created_at, d.mlflow_run_id, e.mlflow_experiment_id, d.tries,
                   d.checked, r.error_code, r.error_message, p.mlflow_run_id AS mlflow_parent_id
            FROM delivery d
            JOIN run r ON r.run_id = d.run_id
            JOIN experiment e ON e.name = r.experiment
            LEFT JOIN delivery p ON p.run_id = r.parent_run_id
            WHERE d.next_try_at <= clock_timestamp()
              AND (NOT d.checked
                   OR EXISTS (SELECT 1 FROM outbox o
                              WHERE o.run_id = d.run_id AND o.sent_at IS NULL AND o.parked_at IS NULL
                                AND o.due_at <= clock_timestamp()))
              AND (p.run_id IS NULL OR d.mlflow_run_id IS NOT NULL OR (p.mlflow_run_id IS NOT NULL AND p.checked)
                   OR NOT EXISTS (SELECT 1 FROM outbox o
                                  WHERE o.run_id = p.run_id AND o.sent_at IS NULL AND o.parked_at IS NULL))
            ORDER BY d.next_try_at, d.run_id
            LIMIT 1
            FOR NO KEY UPDATE OF d SKIP LOCKED
            """;

    /** Takes the run that has waited longest, if no other relay has it. */
    Optional<Delivery> lockDue() {
        return handle.select(LOCK_DUE).mapTo(Delivery.class).findOne();
    }

    /**
     * How long this transaction may be silent while MLflow works. A relay that was stopped meanwhile loses its lock
     * after that time.
     */
    void allowSilence(Duration silence) {
        handle.execute("SET LOCAL idle_in_transaction_session_timeout = " + silence.toMillis());
    }

    private static final String SELECT_PENDING = """
            SELECT o.*, f.uri
            FROM outbox o
            LEFT JOIN artifact f ON f.run_id = o.run_id AND f.path = o.artifact_path
            WHERE o.run_id = ? AND o.sent_at IS NULL AND o.parked_at IS NULL AND o.due_at <= clock_timestamp()
            ORDER BY o.id
            LIMIT ?
            """;

    /** The next rows of a run, in order. */
    List<OutboxRow> listPending(RunId runId, int limit) {
        return handle.select(SELECT_PENDING, runId, limit)
                .mapTo(OutboxRow.class)
                .list();
    }

    /** Only the points that this commit was the first to hold: others were told with their own commit. */
    private static final String SELECT_POINTS = """
            SELECT m.key, m.value, m.step, m.time
            FROM outbox o
            CROSS JOIN LATERAL unnest(o.metric_keys) AS named (key)
            JOIN metric m ON m.run_id = o.run_id AND m.key = named.key
                         AND m.step BETWEEN o.first_step AND o.last_step AND m.commit_step = o.commit_step
            WHERE o.id = ?
            ORDER BY m.step, m.key
            """;

    List<MetricPoint> listPoints(OutboxRow row) {
        return handle.select(SELECT_POINTS, row.id()).mapTo(MetricPoint.class).list();
    }

    private static final String SELECT_PARAMS =
            "SELECT name, value FROM param WHERE run_id = ? AND kind = ? ORDER BY ordinal";

    /** @param kind PARAM or TAG */
    Map<String, String> listParams(RunId runId, String kind) {
        Map<String, String> params = new LinkedHashMap<>();
        handle.select(SELECT_PARAMS, runId, kind)
                .map((row, context) -> Map.entry(row.getString("name"), row.getString("value")))
                .forEach(param -> params.put(param.getKey(), param.getValue()));
        return params;
    }

    private static final String LOCK_ROW =
            "SELECT id FROM outbox WHERE id = ? AND sent_at IS NULL FOR UPDATE SKIP LOCKED";

    /** Whoever asks for a description from now on knows that this one may lack something; false if somebody just asks. */
    boolean lock(OutboxRow row) {
        return handle.select(LOCK_ROW, row.id()).mapTo(Long.class).findOne().isPresent();
    }

    private static final String IS_OUTDATED = """
            SELECT EXISTS (SELECT 1 FROM outbox WHERE run_id = ? AND kind = 'STATUS' AND id > ? AND sent_at IS NOT NULL)
            """;

    /** Whether MLflow has heard of a later status of the run, as this one was set aside. */
    boolean isOutdated(RunId runId, OutboxRow status) {
        return handle.select(IS_OUTDATED, runId, status.id())
                .mapTo(Boolean.class)
                .one();
    }

    private static final String HAS_ENDED_BEFORE = """
            SELECT EXISTS (SELECT 1 FROM outbox
                           WHERE run_id = ? AND kind = 'STATUS' AND id < ? AND status IN ('FINISHED', 'FAILED', 'KILLED'))
            """;

    /** Whether an earlier status was that of an end, which may have left its reason over there. */
    boolean hasEndedBefore(RunId runId, OutboxRow status) {
        return handle.select(HAS_ENDED_BEFORE, runId, status.id())
                .mapTo(Boolean.class)
                .one();
    }

    private static final String RECORD_RUN = "UPDATE delivery SET mlflow_run_id = ?, checked = true WHERE run_id = ?";
    private static final String RECORD_EXPERIMENT = """
            UPDATE experiment SET mlflow_experiment_id = ?
            WHERE name = ? AND mlflow_experiment_id IS DISTINCT FROM ?
            """;

    private static final String TAG_CHILDREN = """
            INSERT INTO outbox (run_id, kind)
            SELECT r.run_id, 'TAGS' FROM run r JOIN delivery d USING (run_id)
            WHERE r.parent_run_id = ? AND d.mlflow_run_id IS NOT NULL
            """;

    private static final String SELECT_SWEEPS =
            "SELECT sweep_id FROM sweep_trial JOIN trial USING (trial_key) WHERE run_id = ? ORDER BY sweep_id";

    /** The run has its place over there: those below it, and the descriptions that lead to it, must hear of it. */
    void recordMlflowIds(Delivery delivery, String mlflowExperimentId, String mlflowRunId) {
        handle.execute(RECORD_RUN, mlflowRunId, delivery.runId());
        handle.execute(TAG_CHILDREN, delivery.runId());
        handle.select(SELECT_SWEEPS, delivery.runId())
                .mapTo(RunId.class)
                .forEach(sweep -> OutboxRows.addNote(handle, sweep, Duration.ofSeconds(10)));
        handle.execute(RECORD_EXPERIMENT, mlflowExperimentId, delivery.experiment(), mlflowExperimentId);
    }

    private static final String MARK_SENT = "UPDATE outbox SET sent_at = clock_timestamp() WHERE id = ?";

    void markSent(List<OutboxRow> rows) {
        PreparedBatch update = handle.prepareBatch(MARK_SENT);
        rows.forEach(row -> update.add(row.id()));
        update.execute();
    }

    /** It is tried again after a minute, then ever more seldom, at least once an hour. */
    private static final String PARK_THOSE = """
            UPDATE outbox
            SET parked_at = clock_timestamp(), reason = ?, parkings = parkings + 1,
                due_at = clock_timestamp() + least(60, power(2, least(parkings, 6))) * interval '1 minute'
            """;

    private static final String PARK = PARK_THOSE + "WHERE id = ?";

    /** Sets a row aside that MLflow refuses. */
    void park(OutboxRow row, String reason) {
        handle.execute(PARK, reason, row.id());
    }

    private static final String PARK_ALL = PARK_THOSE + "WHERE run_id = ? AND sent_at IS NULL AND parked_at IS NULL";

    void parkAll(RunId runId, String reason) {
        handle.execute(PARK_ALL, reason, runId);
    }

    private static final String SCHEDULE = """
            UPDATE delivery SET tries = ?, next_try_at = clock_timestamp() + ? * interval '1 millisecond'
            WHERE run_id = ?
            """;

    /** When this run's turn comes again. */
    void schedule(RunId runId, int tries, Duration wait) {
        handle.execute(SCHEDULE, tries, wait.toMillis(), runId);
    }

    private static final String CHECKED = "UPDATE delivery SET checked = true WHERE run_id = ?";

    /** MLflow has the run. */
    void markChecked(RunId runId) {
        handle.execute(CHECKED, runId);
    }

    private static final String FORGET = "UPDATE delivery SET mlflow_run_id = NULL, checked = true WHERE run_id = ?";
    private static final String SEND_AGAIN = """
            UPDATE outbox SET sent_at = NULL, parked_at = NULL, reason = NULL, due_at = clock_timestamp() WHERE run_id = ?
            """;
    private static final String COUNT_UNCHECKED = "SELECT count(*) FROM delivery WHERE NOT checked";
    private static final String SUSPECT_ALL = """
            UPDATE delivery SET checked = false
            WHERE run_id IN (SELECT run_id FROM delivery WHERE mlflow_run_id IS NOT NULL AND checked
                             FOR NO KEY UPDATE SKIP LOCKED)
            """;

    /**
     * MLflow no longer has the run: it is to be found or made again, and told everything. A server that has lost one may have lost all,
     * so that it is asked for the others, unless that is under way.
     */
    void forget(RunId runId) {
        handle.execute(FORGET, runId);
        handle.execute(SEND_AGAIN, runId);
        if (handle.select(COUNT_UNCHECKED).mapTo(Long.class).one() == 0) {
            handle.execute(SUSPECT_ALL);
        }
    }

    private static final String HURRY = """
            UPDATE delivery SET next_try_at = clock_timestamp()
            WHERE run_id IN (SELECT run_id FROM delivery WHERE next_try_at > clock_timestamp()
                             FOR NO KEY UPDATE SKIP LOCKED)
            """;

    private static final String HURRY_ROWS = """
            UPDATE outbox SET due_at = clock_timestamp()
            WHERE id IN (SELECT id FROM outbox
                         WHERE sent_at IS NULL AND parked_at IS NULL AND due_at > clock_timestamp()
                         FOR UPDATE SKIP LOCKED)
            """;

    /** Ends the waiting of all runs. */
    void hurry() {
        handle.execute(HURRY);
        handle.execute(HURRY_ROWS);
    }
}
