package perdura.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.RunStatus;

/** Table run. */
public final class Runs {
    private static final int SEARCHED_FOR_NEAREST = 1_000;

    private static final String COLUMNS = """
            SELECT r.*, a.live_step, a.live_steps_per_second, a.live_loss, a.live_at,
                   d.mlflow_run_id, e.mlflow_experiment_id
            FROM run r
            JOIN experiment e ON e.name = r.experiment
            LEFT JOIN attempt a ON a.run_id = r.run_id AND a.fence = r.fence
            LEFT JOIN delivery d ON d.run_id = r.run_id
            """;

    private final Database database;

    public Runs(Database database) {
        this.database = database;
    }

    /**
     * Creates the run (SCHEDULED) with its parameters, tags and outbox rows. Creating the same run again does nothing.
     *
     * @throws PerduraException INVALID_SPEC if the run exists with another spec
     */
    public void createRun(NewRun run) {
        database.write(connection -> RunRows.create(connection, run));
    }

    private static final String SELECT_RUN = COLUMNS + "WHERE r.run_id = ?";

    public Optional<Run> findRun(RunId runId) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(SELECT_RUN)) {
                select.setString(1, runId.value());
                return list(select).stream().findFirst();
            }
        });
    }

    /** @throws PerduraException NOT_FOUND, with the nearest run ids */
    public Run loadRun(RunId runId) {
        return findRun(runId).orElseThrow(() -> notFound(runId));
    }

    private PerduraException notFound(RunId runId) {
        List<String> known = listRuns(null, null, SEARCHED_FOR_NEAREST).stream()
                .map(run -> run.runId().value())
                .toList();
        List<String> nearest = NearestNames.of(runId.value(), known);
        String hint = nearest.isEmpty() ? "" : "; the nearest: " + String.join(", ", nearest);
        return new PerduraException(ErrorCode.NOT_FOUND, "run " + runId + " is not in the store" + hint);
    }

    private static final String SELECT_RUNS = COLUMNS + """
            WHERE (?::text IS NULL OR r.experiment = ?) AND (?::text IS NULL OR r.status = ?)
            ORDER BY r.created_at DESC, r.run_id
            LIMIT ?
            """;

    /** Newest first. */
    public List<Run> listRuns(@Nullable String experiment, @Nullable RunStatus status, int limit) {
        String statusName = status == null ? null : status.name();
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(SELECT_RUNS)) {
                select.setString(1, experiment);
                select.setString(2, experiment);
                select.setString(3, statusName);
                select.setString(4, statusName);
                select.setInt(5, limit);
                return list(select);
            }
        });
    }

    private static List<Run> list(PreparedStatement select) throws SQLException {
        List<Run> runs = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                runs.add(run(row));
            }
        }
        return runs;
    }

    private static Run run(ResultSet row) throws SQLException {
        return new Run(
                Columns.runId(row),
                new Run.Identity(
                        Columns.text(row, "experiment"),
                        Columns.text(row, "name"),
                        RunKind.of(Columns.text(row, "kind")),
                        Columns.text(row, "spec"),
                        Columns.text(row, "spec_hash"),
                        row.getLong("seed")),
                RunStatus.valueOf(Columns.text(row, "status")),
                new Run.Progress(
                        new Position(row.getInt("stage"), row.getInt("epoch"), row.getLong("step")),
                        row.getString("state_digest"),
                        row.getObject("total_steps", Long.class),
                        row.getBoolean("paused"),
                        live(row)),
                new Run.Binding(
                        row.getString("data_digest"), row.getObject("threads", Integer.class), row.getLong("fence")),
                outcome(row),
                mlflow(row),
                Columns.instant(row, "created_at"));
    }

    static Run.Outcome outcome(ResultSet row) throws SQLException {
        return new Run.Outcome(
                Columns.instantOrNull(row, "started_at"),
                Columns.instantOrNull(row, "ended_at"),
                row.getString("error_code"),
                row.getString("error_message"));
    }

    static Run.Mlflow mlflow(ResultSet row) throws SQLException {
        return new Run.Mlflow(row.getString("mlflow_experiment_id"), row.getString("mlflow_run_id"));
    }

    private static Run.@Nullable Live live(ResultSet row) throws SQLException {
        if (row.getObject("live_at") == null) {
            return null;
        }
        return new Run.Live(
                row.getLong("live_step"),
                row.getDouble("live_steps_per_second"),
                row.getObject("live_loss", Double.class),
                Columns.instant(row, "live_at"));
    }

    /** SCHEDULED (or KILLED, FAILED when resumed) becomes RUNNING. Running again does nothing. */
    public void startRun(RunId runId) {
        database.write(connection -> RunRows.start(connection, runId));
    }

    private static final String RESCHEDULE = """
            UPDATE run SET status = 'SCHEDULED', ended_at = NULL, error_code = NULL, error_message = NULL
            WHERE run_id = ? AND status = 'FAILED'
            """;

    /** A run that FAILED is SCHEDULED again, and goes on from its last commit when it is started. Another run is left alone. */
    public void rescheduleRun(RunId runId) {
        database.write(connection -> {
            try (PreparedStatement update = connection.prepareStatement(RESCHEDULE)) {
                update.setString(1, runId.value());
                if (update.executeUpdate() == 0) {
                    return RunRows.require(connection, runId);
                }
            }
            Events.insert(
                    connection, runId, "RESUMED", "the run was FAILED"); // fruitless attempts are counted from here
            OutboxRows.addStatus(connection, runId, RunStatus.SCHEDULED);
            return true;
        });
    }

    private static final String SELECT_FINISHED = """
            SELECT r.run_id, r.spec, r.data_digest, %s AS seconds
            FROM run r
            WHERE r.kind = ? AND r.status = 'FINISHED' AND r.data_digest IS NOT NULL
              AND NOT EXISTS (SELECT FROM fork f WHERE f.run_id = r.run_id)
            ORDER BY r.ended_at DESC, r.run_id
            """.formatted(Attempts.SECONDS);

    /**
     * A run with all that decided its result.
     *
     * @param deviceSeconds that its attempts have held a device
     */
    public record Finished(RunId runId, String spec, String dataDigest, double deviceSeconds) {}

    /** The runs of a kind that are FINISHED, had data, and began with nothing of another run; the newest first. */
    public List<Finished> listFinished(RunKind kind) {
        return database.read(connection -> {
            List<Finished> finished = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(SELECT_FINISHED)) {
                select.setString(1, kind.word());
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        finished.add(new Finished(
                                Columns.runId(row),
                                Columns.text(row, "spec"),
                                Columns.text(row, "data_digest"),
                                row.getDouble("seconds")));
                    }
                }
            }
            return finished;
        });
    }

    private static final String SELECT_ENDED = """
            SELECT DISTINCT run_id FROM run JOIN checkpoint USING (run_id)
            WHERE ended_at IS NOT NULL ORDER BY run_id
            """;

    /** The runs that have ended, whatever way, and had checkpoints. */
    public List<RunId> listEndedWithCheckpoints() {
        return database.read(connection -> {
            List<RunId> ended = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(SELECT_ENDED);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    ended.add(Columns.runId(row));
                }
            }
            return ended;
        });
    }

    private static final String SELECT_STATUSES = "SELECT run_id, status FROM run WHERE run_id = ANY (?)";

    /** The status of each of the runs that is in the store. */
    public Map<RunId, RunStatus> findStatuses(Collection<RunId> runIds) {
        String[] ids = runIds.stream().map(RunId::value).toArray(String[]::new);
        return database.read(connection -> {
            Map<RunId, RunStatus> statuses = new HashMap<>();
            try (PreparedStatement select = connection.prepareStatement(SELECT_STATUSES)) {
                select.setArray(1, connection.createArrayOf("text", ids));
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        statuses.put(Columns.runId(row), RunStatus.valueOf(Columns.text(row, "status")));
                    }
                }
            }
            return statuses;
        });
    }

    private static final String MARK_PAUSED = "UPDATE run SET paused = ? WHERE run_id = ? AND paused <> ?";

    /** Records that the run waits, or goes on. The same word again does nothing. */
    public void markPaused(RunId runId, boolean paused) {
        database.write(connection -> {
            try (PreparedStatement update = connection.prepareStatement(MARK_PAUSED)) {
                update.setBoolean(1, paused);
                update.setString(2, runId.value());
                update.setBoolean(3, paused);
                if (update.executeUpdate() == 0) {
                    return RunRows.require(connection, runId);
                }
            }
            Events.insert(
                    connection,
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
        database.write(connection -> RunRows.finish(connection, runId, status, errorCode, errorMessage));
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
        database.write(connection -> {
            try (PreparedStatement dataset = connection.prepareStatement(INSERT_DATASET);
                    PreparedStatement update = connection.prepareStatement(RECORD_PLAN)) {
                if (dataDigest != null) {
                    dataset.setString(1, dataDigest);
                    dataset.executeUpdate();
                }
                update.setString(1, dataDigest);
                update.setLong(2, totalSteps);
                update.setString(3, runId.value());
                update.setString(4, dataDigest);
                if (update.executeUpdate() == 0) {
                    throw dataChanged(connection, runId, String.valueOf(dataDigest));
                }
                return true;
            }
        });
    }

    private static PerduraException dataChanged(Connection connection, RunId runId, String dataDigest)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SELECT_DATA_DIGEST)) {
            select.setString(1, runId.value());
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return new PerduraException(ErrorCode.NOT_FOUND, "run " + runId + " is not in the store");
                }
                return new PerduraException(
                        ErrorCode.DATA_CHANGED,
                        "run " + runId + " began with data set " + Columns.text(row, "data_digest")
                                + ", but the folder now holds " + dataDigest
                                + "; bring the old data back, or start a new run");
            }
        }
    }

    private static final String BIND_THREADS =
            "UPDATE run SET threads = coalesce(threads, ?) WHERE run_id = ? RETURNING threads";

    /** Binds the run to a thread count if none is bound yet; returns the bound one. */
    public int bindThreads(RunId runId, int threads) {
        return database.write(connection -> {
            try (PreparedStatement update = connection.prepareStatement(BIND_THREADS)) {
                update.setInt(1, threads);
                update.setString(2, runId.value());
                try (ResultSet row = update.executeQuery()) {
                    if (!row.next()) {
                        throw new PerduraException(ErrorCode.NOT_FOUND, "run " + runId + " is not in the store");
                    }
                    return row.getInt("threads");
                }
            }
        });
    }

    private static final String REPORT_LIVE = """
            UPDATE attempt a
            SET live_step = ?, live_steps_per_second = ?, live_loss = ?, live_at = now()
            FROM run r
            WHERE a.run_id = ? AND a.fence = ? AND r.run_id = a.run_id AND r.fence = a.fence
            """;

    /** Updates what progress bars show. Ignored if the fence is stale. */
    public void reportLive(RunId runId, long fence, long step, double stepsPerSecond, @Nullable Double loss) {
        database.write(connection -> {
            try (PreparedStatement update = connection.prepareStatement(REPORT_LIVE)) {
                update.setLong(1, step);
                update.setDouble(2, stepsPerSecond);
                update.setObject(3, loss, Types.DOUBLE);
                update.setString(4, runId.value());
                update.setLong(5, fence);
                return update.executeUpdate();
            }
        });
    }
}
