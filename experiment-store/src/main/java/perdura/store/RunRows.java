package perdura.store;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;

/** Beginning and end of a run, each with what MLflow is to be told, inside the transaction of whoever calls. */
final class RunRows {
    private RunRows() {}

    private static final String INSERT_EXPERIMENT = "INSERT INTO experiment (name) VALUES (?) ON CONFLICT DO NOTHING";
    private static final String INSERT_RUN = """
            INSERT INTO run (run_id, experiment, name, kind, spec, spec_hash, seed, parent_run_id)
            VALUES (?, ?, ?, ?, ?::json, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """;
    private static final String SELECT_SPEC_HASH = "SELECT spec_hash FROM run WHERE run_id = ?";

    /**
     * A new run, SCHEDULED; false if it was there already.
     *
     * @throws PerduraException INVALID_SPEC if the run exists with another spec
     */
    static boolean create(Handle handle, NewRun run) {
        Run.Identity of = run.identity();
        handle.execute(INSERT_EXPERIMENT, of.experiment());
        int created = handle.execute(
                INSERT_RUN,
                run.runId(),
                of.experiment(),
                of.name(),
                of.kind(),
                of.spec(),
                of.specHash(),
                of.seed(),
                run.parent());
        if (created == 0) {
            requireSameSpec(handle, run);
            return false;
        }
        insertParams(handle, run.runId(), "PARAM", run.params());
        insertParams(handle, run.runId(), "TAG", run.tags());
        OutboxRows.open(handle, run.runId());
        OutboxRows.addParams(handle, run.runId());
        OutboxRows.addStatus(handle, run.runId(), RunStatus.SCHEDULED);
        return true;
    }

    private static void requireSameSpec(Handle handle, NewRun run) {
        String known =
                handle.select(SELECT_SPEC_HASH, run.runId()).mapTo(String.class).one();
        String specHash = run.identity().specHash();
        if (!known.equals(specHash)) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "run " + run.runId() + " exists with spec " + known + ", not " + specHash
                            + "; give the new run another id");
        }
    }

    private static final String SET_TAG = """
            INSERT INTO param (run_id, kind, name, value, ordinal)
            SELECT ?, 'TAG', ?, ?, (SELECT count(*) FROM param WHERE run_id = ? AND kind = 'TAG')
            ON CONFLICT (run_id, kind, name) DO UPDATE SET value = excluded.value
            """;

    /** Tags of a run that is there, new ones or with new values. */
    static void setTags(Handle handle, RunId runId, Map<String, String> tags) {
        tags.forEach((name, value) -> handle.execute(SET_TAG, runId, name, value, runId));
        OutboxRows.addTags(handle, List.of(runId));
    }

    private static final String INSERT_PARAM =
            "INSERT INTO param (run_id, kind, name, value, ordinal) VALUES (?, ?, ?, ?, ?)";

    private static void insertParams(Handle handle, RunId runId, String kind, Map<String, String> params) {
        if (params.isEmpty()) {
            return;
        }
        PreparedBatch insert = handle.prepareBatch(INSERT_PARAM);
        int ordinal = 0;
        for (Map.Entry<String, String> param : params.entrySet()) {
            insert.add(runId, kind, param.getKey(), param.getValue(), ordinal++);
        }
        insert.execute();
    }

    private static final String START_RUN = """
            UPDATE run
            SET status = 'RUNNING', started_at = coalesce(started_at, now()), ended_at = NULL,
                error_code = NULL, error_message = NULL
            WHERE run_id = ? AND status IN ('SCHEDULED', 'KILLED', 'FAILED')
            """;

    /** SCHEDULED (or KILLED, FAILED when resumed) becomes RUNNING; false if nothing changed. */
    static boolean start(Handle handle, RunId runId) {
        if (handle.execute(START_RUN, runId) == 0) {
            require(handle, runId);
            return false;
        }
        OutboxRows.addStatus(handle, runId, RunStatus.RUNNING);
        return true;
    }

    private static final String WAIT = "UPDATE run SET status = 'SCHEDULED' WHERE run_id = ? AND status = 'RUNNING'";

    /** What was RUNNING is SCHEDULED: nothing runs it now, and something will. */
    static void await(Handle handle, RunId runId) {
        if (handle.execute(WAIT, runId) > 0) {
            OutboxRows.addStatus(handle, runId, RunStatus.SCHEDULED);
        }
    }

    private static final String MARK_PAUSED = """
            UPDATE run SET paused = ? WHERE run_id = ? AND paused <> ?
            RETURNING CASE WHEN status = 'RUNNING' AND paused THEN 'SCHEDULED' ELSE status END
            """;

    /** Records that the run waits, or goes on; false if it was so before. MLflow has no word for a pause: such a run is SCHEDULED. */
    static boolean pause(Handle handle, RunId runId, boolean paused) {
        Optional<RunStatus> shown = handle.select(MARK_PAUSED, paused, runId, paused)
                .mapTo(RunStatus.class)
                .findOne();
        if (shown.isEmpty()) {
            require(handle, runId);
        } else if (!shown.get().isTerminal()) {
            OutboxRows.addStatus(handle, runId, shown.get());
        }
        return shown.isPresent();
    }

    private static final String REOPEN_RUN = """
            UPDATE run SET status = 'RUNNING', paused = false, ended_at = NULL, error_code = NULL, error_message = NULL
            WHERE run_id = ? AND status IN ('FINISHED', 'FAILED', 'KILLED')
            """;

    /** The run of a sweep that had ended, whatever way, and goes on. */
    static void reopen(Handle handle, RunId runId) {
        if (handle.execute(REOPEN_RUN, runId) > 0) {
            OutboxRows.addStatus(handle, runId, RunStatus.RUNNING);
        }
    }

    private static final String FINISH_RUN = """
            UPDATE run
            SET status = ?, error_code = ?, error_message = ?, ended_at = now(), paused = false
            WHERE run_id = ? AND status <> ? AND status <> 'FINISHED'
            """;

    /** A terminal status; false if the run had it, or was FINISHED, before. */
    static boolean finish(
            Handle handle, RunId runId, RunStatus status, @Nullable String errorCode, @Nullable String errorMessage) {
        if (!status.isTerminal()) {
            throw new IllegalArgumentException("a run ends FINISHED, FAILED or KILLED, was " + status);
        }
        if (handle.execute(FINISH_RUN, status, errorCode, errorMessage, runId, status) == 0) {
            require(handle, runId);
            return false;
        }
        OutboxRows.addStatus(handle, runId, status);
        return true;
    }

    static boolean require(Handle handle, RunId runId) {
        if (handle.select(SELECT_SPEC_HASH, runId).mapTo(String.class).findOne().isEmpty()) {
            throw notFound(runId);
        }
        return true;
    }

    static PerduraException notFound(RunId runId) {
        return new PerduraException(ErrorCode.NOT_FOUND, "run " + runId + " is not in the store");
    }
}
