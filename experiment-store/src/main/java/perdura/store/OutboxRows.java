package perdura.store;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jdbi.v3.core.Handle;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;

/**
 * Queues what MLflow is to be told, inside the transaction of what happened. Whoever queues holds the lock of the run's
 * row, so that the ids of a run's rows have the order of its commits.
 */
public final class OutboxRows {
    private OutboxRows() {}

    private static final String INSERT_DELIVERY = "INSERT INTO delivery (run_id) VALUES (?)";

    static void open(Handle handle, RunId runId) {
        handle.execute(INSERT_DELIVERY, runId);
    }

    private static final String INSERT_PARAMS = "INSERT INTO outbox (run_id, kind) VALUES (?, 'PARAMS')";

    static void addParams(Handle handle, RunId runId) {
        handle.execute(INSERT_PARAMS, runId);
    }

    private static final String INSERT_TAGS = "INSERT INTO outbox (run_id, kind) SELECT unnest(?::text[]), 'TAGS'";

    /** Tags that runs have got since they were created. */
    static void addTags(Handle handle, Collection<RunId> runIds) {
        handle.execute(INSERT_TAGS, (Object) runIds.stream().map(RunId::value).toArray(String[]::new));
    }

    /** A row that a relay is about to send is locked, and has perhaps been too early. */
    private static final String LOCK_NOTE = """
            SELECT id FROM outbox WHERE run_id = ? AND kind = 'NOTE' AND sent_at IS NULL AND parked_at IS NULL
            FOR UPDATE SKIP LOCKED
            """;

    private static final String HURRY_NOTE =
            "UPDATE outbox SET due_at = least(due_at, clock_timestamp() + ? * interval '1 millisecond') WHERE id = ?";
    private static final String FORGET_NOTES =
            "DELETE FROM outbox WHERE run_id = ? AND kind = 'NOTE' AND sent_at IS NOT NULL";
    private static final String INSERT_NOTE = """
            INSERT INTO outbox (run_id, kind, due_at)
            VALUES (?, 'NOTE', clock_timestamp() + ? * interval '1 millisecond')
            """;

    /**
     * The sweep's description, which is made when it is sent: changes that follow soon share one.
     *
     * @param wait zero at once
     */
    public static void addNote(Handle handle, RunId sweep, Duration wait) {
        List<Long> waiting = handle.select(LOCK_NOTE, sweep).mapTo(Long.class).list();
        if (waiting.isEmpty()) {
            handle.execute(FORGET_NOTES, sweep);
            handle.execute(INSERT_NOTE, sweep, wait.toMillis());
        } else {
            waiting.forEach(row -> handle.execute(HURRY_NOTE, wait.toMillis(), row));
        }
    }

    private static final String INSERT_STATUS = "INSERT INTO outbox (run_id, kind, status) VALUES (?, 'STATUS', ?)";

    static void addStatus(Handle handle, RunId runId, RunStatus status) {
        handle.execute(INSERT_STATUS, runId, status);
    }

    private static final String INSERT_ARTIFACT =
            "INSERT INTO outbox (run_id, kind, artifact_path) VALUES (?, 'ARTIFACT', ?)";

    static void addArtifact(Handle handle, RunId runId, String path) {
        handle.execute(INSERT_ARTIFACT, runId, path);
    }

    private static final String INSERT_METRICS = """
            INSERT INTO outbox (run_id, kind, commit_step, metric_keys, first_step, last_step)
            VALUES (?, 'METRICS', ?, ?, ?, ?)
            """;

    /** Names the points of a commit by keys and steps, so that the key of table metric finds them. */
    static void addMetrics(Handle handle, RunId runId, long commitStep, List<MetricPoint> points) {
        String[] keys = points.stream().map(MetricPoint::key).distinct().toArray(String[]::new);
        long first = points.stream().mapToLong(MetricPoint::step).min().orElseThrow();
        long last = points.stream().mapToLong(MetricPoint::step).max().orElseThrow();
        handle.execute(INSERT_METRICS, runId, commitStep, keys, first, last);
    }
}
