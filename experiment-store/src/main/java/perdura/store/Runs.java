package perdura.store;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.generic.GenericType;
import org.jdbi.v3.core.mapper.reflect.ColumnName;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.RunStatus;

/** Table run. */
public record Runs(Database database) {
    private static final int SEARCHED_FOR_NEAREST = 1_000;

    private static final String COLUMNS = """
            SELECT r.*, a.live_step, a.live_steps_per_second, a.live_loss, a.live_at,
                   extract(epoch FROM now() - a.live_at) AS live_silent_seconds, a.ended_at IS NOT NULL AS live_ended,
                   d.mlflow_run_id, e.mlflow_experiment_id
            FROM run r
            JOIN experiment e ON e.name = r.experiment
            LEFT JOIN attempt a ON a.run_id = r.run_id AND a.fence = r.fence
            LEFT JOIN delivery d ON d.run_id = r.run_id
            """;

    /**
     * Creates the run (SCHEDULED) with its parameters, tags and outbox rows. Creating the same run again does nothing.
     *
     * @throws PerduraException INVALID_SPEC if the run exists with another spec
     */
    public void createRun(NewRun run) {
        database.write(handle -> RunRows.create(handle, run));
    }

    private static final String SELECT_RUN = COLUMNS + "WHERE r.run_id = ?";

    public Optional<Run> findRun(RunId runId) {
        return database.find(Run.class, SELECT_RUN, runId);
    }

    /** @throws PerduraException NOT_FOUND, with the nearest run ids */
    public Run loadRun(RunId runId) {
        return findRun(runId).orElseThrow(() -> notFound(runId));
    }

    private PerduraException notFound(RunId runId) {
        List<String> known = listRuns(null, null, SEARCHED_FOR_NEAREST).stream()
                .map(run -> run.runId().value())
                .toList();
        return new PerduraException(
                ErrorCode.NOT_FOUND, "run " + runId + " is not in the store" + Nearest.hint(runId.value(), known));
    }

    private static final String SELECT_RUNS = COLUMNS + """
            WHERE (?::text IS NULL OR r.experiment = ?) AND (?::text IS NULL OR r.status = ?)
            ORDER BY r.created_at DESC, r.run_id
            LIMIT ?
            """;

    /** Newest first. */
    public List<Run> listRuns(@Nullable String experiment, @Nullable RunStatus status, int limit) {
        return database.list(Run.class, SELECT_RUNS, experiment, experiment, status, status, limit);
    }

    /** SCHEDULED (or KILLED, FAILED when resumed) becomes RUNNING. Running again does nothing. */
    public void startRun(RunId runId) {
        database.write(handle -> RunRows.start(handle, runId));
    }

    private static final String SELECT_ENDED_BADLY =
            "SELECT status FROM run WHERE run_id = ? AND status IN ('FAILED', 'KILLED') FOR UPDATE";
    private static final String RESCHEDULE = """
            UPDATE run SET status = 'SCHEDULED', ended_at = NULL, error_code = NULL, error_message = NULL
            WHERE run_id = ?
            """;

    /**
     * A run that FAILED or was KILLED is SCHEDULED again, and goes on from its last commit when it is started. Another run is left
     * alone.
     */
    public void rescheduleRun(RunId runId) {
        database.write(handle -> {
            Optional<String> before =
                    handle.select(SELECT_ENDED_BADLY, runId).mapTo(String.class).findOne();
            if (before.isEmpty()) {
                return RunRows.require(handle, runId);
            }
            handle.execute(RESCHEDULE, runId);
            // Fruitless attempts are counted from here.
            Events.insert(handle, runId, "RESUMED", "the run was " + before.get());
            OutboxRows.addStatus(handle, runId, RunStatus.SCHEDULED);
            return true;
        });
    }

    private static final String SELECT_FINISHED = """
            SELECT r.run_id, r.spec, r.data_digest, %s AS seconds, r.step
            FROM run r
            WHERE r.kind = ? AND r.status = 'FINISHED' AND r.data_digest IS NOT NULL
              AND NOT EXISTS (SELECT FROM fork f WHERE f.run_id = r.run_id)
            ORDER BY r.ended_at DESC, r.run_id
            """.formatted(Attempts.SECONDS);

    /**
     * A run with all that decided its result.
     *
     * @param deviceSeconds that its attempts have held a device
     * @param steps that it took
     */
    public record Finished(
            RunId runId,
            String spec,
            String dataDigest,
            @ColumnName("seconds") double deviceSeconds,
            @ColumnName("step") long steps) {}

    /** The runs of a kind that are FINISHED, had data, and began with nothing of another run; the newest first. */
    public List<Finished> listFinished(RunKind kind) {
        return database.list(Finished.class, SELECT_FINISHED, kind);
    }

    private static final String SELECT_ENDED = """
            SELECT DISTINCT run_id FROM run JOIN checkpoint USING (run_id)
            WHERE ended_at IS NOT NULL ORDER BY run_id
            """;

    /** The runs that have ended, whatever way, and had checkpoints. */
    public List<RunId> listEndedWithCheckpoints() {
        return database.list(RunId.class, SELECT_ENDED);
    }

    private static final String SELECT_STATUSES = "SELECT run_id, status FROM run WHERE run_id = ANY (?)";

    /** The status of each of the runs that is in the store. */
    public Map<RunId, RunStatus> findStatuses(Collection<RunId> runIds) {
        String[] ids = runIds.stream().map(RunId::value).toArray(String[]::new);
        return database.read(handle -> handle.createQuery(SELECT_STATUSES)
                .bind(0, ids)
                .setMapKeyColumn("run_id")
                .setMapValueColumn("status")
                .collectInto(new GenericType<Map<RunId, RunStatus>>() {}));
    }

    /** Records that the run waits, or goes on. The same word again does nothing. */
    public void markPaused(RunId runId, boolean paused) {
        database.write(handle -> {
            if (!RunRows.pause(handle, runId, paused)) {
                return false;
            }
            Events.insert(
                    handle,
                    runId,
                    paused ? "PAUSED" : "RESUMED",
                    paused ? "the run waits at its last commit" : "the run goes on");
            return true;
        });
    }

    /**
     * Sets a terminal status, and an outbox row that tells MLflow after all of the run's points. The same status again
     * does nothing; FINISHED is final.
     */
    public void finishRun(RunId runId, RunStatus status, @Nullable String errorCode, @Nullable String errorMessage) {
        database.write(handle -> RunRows.finish(handle, runId, status, errorCode, errorMessage));
    }

    private static final String INSERT_DATASET = "INSERT INTO dataset (digest) VALUES (?) ON CONFLICT DO NOTHING";
    private static final String RECORD_PLAN = """
            UPDATE run SET data_digest = coalesce(?::text, data_digest), total_steps = ?
            WHERE run_id = ? AND (data_digest IS NULL OR data_digest = coalesce(?::text, data_digest))
            """;
    private static final String SELECT_DATA_DIGEST = "SELECT data_digest FROM run WHERE run_id = ?";

    /**
     * Records data digest and planned steps.
     *
     * @param dataDigest null for a run without data
     * @throws PerduraException DATA_CHANGED if another digest is recorded already
     */
    public void recordPlan(RunId runId, @Nullable String dataDigest, long totalSteps) {
        database.change(handle -> {
            if (dataDigest != null) {
                handle.execute(INSERT_DATASET, dataDigest);
            }
            if (handle.execute(RECORD_PLAN, dataDigest, totalSteps, runId, dataDigest) == 0) {
                throw dataChanged(handle, runId, String.valueOf(dataDigest));
            }
        });
    }

    private static PerduraException dataChanged(Handle handle, RunId runId, String dataDigest) {
        RunRows.require(handle, runId);
        String known =
                handle.select(SELECT_DATA_DIGEST, runId).mapTo(String.class).one();
        return new PerduraException(
                ErrorCode.DATA_CHANGED,
                "run " + runId + " began with data set " + known + ", but the folder now holds " + dataDigest
                        + "; bring the old data back, or start a new run");
    }

    private static final String BIND_THREADS =
            "UPDATE run SET threads = coalesce(threads, ?) WHERE run_id = ? RETURNING threads";

    /** Binds the run to a thread count if none is bound yet; returns the bound one. */
    public int bindThreads(RunId runId, int threads) {
        return database.write(handle -> handle.select(BIND_THREADS, threads, runId)
                .mapTo(Integer.class)
                .findOne()
                .orElseThrow(() -> RunRows.notFound(runId)));
    }

    private static final String REPORT_LIVE = """
            UPDATE attempt a
            SET live_step = ?, live_steps_per_second = ?, live_loss = ?, live_at = now()
            FROM run r
            WHERE a.run_id = ? AND a.fence = ? AND r.run_id = a.run_id AND r.fence = a.fence
            """;

    /** Updates what progress bars show. Ignored if the fence is stale. */
    public void reportLive(RunId runId, long fence, long step, double stepsPerSecond, @Nullable Double loss) {
        database.write(handle -> handle.execute(REPORT_LIVE, step, stepsPerSecond, loss, runId, fence));
    }
}
