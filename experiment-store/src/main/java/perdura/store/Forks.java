package perdura.store;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.reflect.ColumnName;
import perdura.grids.spec.RunId;

/**
 * Table fork. A forked run begins as one that was resumed: attempt 1 stands for what it takes over, and its first commit is the
 * checkpoint of the other run.
 */
public record Forks(Database database) {
    /**
     * How a run began with a checkpoint of another one.
     *
     * @param runId the run that began so
     * @param origin the run whose checkpoint that was
     * @param originStep steps of {@code origin} until then
     * @param ended the stage of {@code origin} that ended there: the one before {@code stage} in the plan of {@code runId}; 0
     *     if its spec has none
     * @param stage the first stage that {@code runId} trains itself
     */
    public record Fork(
            RunId runId,
            @ColumnName("origin_run_id") RunId origin,
            long originStep,
            @ColumnName("ended_stage") int ended,
            int stage) {
        /** For people. */
        public String sentence() {
            return "stage " + stage + " begins with the weights of " + origin + " at the end of stage " + ended
                    + ", step " + originStep;
        }
    }

    /**
     * Creates a run that goes on from a checkpoint of another run, with the data, the threads and the environment of that one.
     * Creating the same run again does nothing.
     *
     * @param run its spec has the plan
     * @param from at the end of the stage before {@code stage} in the plan, PRESENT
     * @param stage the first one that the run trains
     * @throws perdura.grids.spec.PerduraException INVALID_SPEC if the run exists with another spec
     */
    public Fork create(NewRun run, StoredCheckpoint from, int stage) {
        return database.write(handle -> {
            boolean isNew = RunRows.create(handle, run);
            if (isNew) {
                takeOver(handle, run.runId(), from);
                handle.execute(
                        INSERT, run.runId(), from.runId(), from.position().step(), stage);
            }
            Fork fork =
                    handle.select(SELECT_OF_RUN, run.runId()).mapTo(Fork.class).one();
            if (isNew) {
                Events.insert(handle, run.runId(), "FORKED", fork.sentence());
            }
            return fork;
        });
    }

    private static final String TAKE_RUN = """
            UPDATE run r
            SET fence = 1, data_digest = o.data_digest, threads = o.threads, state_digest = c.state_digest,
                stage = c.stage, epoch = c.epoch, step = c.step
            FROM run o JOIN commit c ON c.run_id = o.run_id
            WHERE r.run_id = ? AND o.run_id = ? AND c.step = ?
            """;
    private static final String TAKE_ATTEMPT = """
            INSERT INTO attempt (run_id, fence, worker, fingerprint, from_step, ended_at, outcome)
            SELECT ?, 1, a.worker, a.fingerprint, k.step, now(), 'COMPLETED'
            FROM checkpoint k JOIN attempt a USING (run_id, fence)
            WHERE k.run_id = ? AND k.step = ?
            """;
    private static final String TAKE_COMMIT = """
            INSERT INTO commit (run_id, step, stage, epoch, state_digest, fence)
            SELECT ?, step, stage, epoch, state_digest, 1 FROM commit WHERE run_id = ? AND step = ?
            """;
    private static final String TAKE_CHECKPOINT = """
            INSERT INTO checkpoint (run_id, step, uri, manifest_digest, bytes, stage_end, fence)
            SELECT ?, step, uri, manifest_digest, bytes, true, 1 FROM checkpoint WHERE run_id = ? AND step = ?
            """;

    private static void takeOver(Handle handle, RunId runId, StoredCheckpoint from) {
        long step = from.position().step();
        for (String sql : List.of(TAKE_RUN, TAKE_ATTEMPT, TAKE_COMMIT, TAKE_CHECKPOINT)) {
            if (handle.execute(sql, runId, from.runId(), step) != 1) {
                throw new IllegalStateException(from.runId() + " has no checkpoint at step " + step + " in the store");
            }
        }
    }

    private static final String INSERT =
            "INSERT INTO fork (run_id, origin_run_id, origin_step, stage) VALUES (?, ?, ?, ?)";

    /** What stands in the plan before the first stage of the run's own; plans ascend. */
    private static final String SELECT = """
            SELECT f.*, (
                SELECT max((planned ->> 'stage')::int)
                FROM run r, json_array_elements(r.spec -> 'stages') planned
                WHERE r.run_id = f.run_id AND (planned ->> 'stage')::int < f.stage
            ) AS ended_stage
            """;

    private static final String SELECT_OF_RUN = SELECT + "FROM fork f WHERE run_id = ?";

    /** How a run began; empty if with nothing of another. */
    public Optional<Fork> find(RunId runId) {
        return database.find(Fork.class, SELECT_OF_RUN, runId);
    }

    private static final String SELECT_LINEAGE = """
            WITH RECURSIVE lineage AS (
                SELECT f.*, 0 AS back FROM fork f WHERE run_id = ?
                UNION ALL
                SELECT f.*, l.back + 1 FROM fork f JOIN lineage l ON f.run_id = l.origin_run_id
            )
            """ + SELECT + "FROM lineage f ORDER BY back";

    /** How the run began, then how its origin did, and so on. */
    public List<Fork> lineage(RunId runId) {
        return database.list(Fork.class, SELECT_LINEAGE, runId);
    }

    private static final String SELECT_OF_ORIGIN = SELECT + "FROM fork f WHERE origin_run_id = ? ORDER BY run_id";

    /** The runs that began with a checkpoint of this one. */
    public List<Fork> listForks(RunId origin) {
        return database.list(Fork.class, SELECT_OF_ORIGIN, origin);
    }
}
