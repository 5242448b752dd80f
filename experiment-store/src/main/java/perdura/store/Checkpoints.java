package perdura.store;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import perdura.grids.spec.RunId;

/** Table checkpoint. */
public record Checkpoints(Database database) {
    private static final String COLUMNS = """
            SELECT k.*, c.stage, c.epoch, c.state_digest, c.committed_at
            FROM checkpoint k
            JOIN commit c USING (run_id, step)
            """;

    private static final String SELECT_CHECKPOINTS = COLUMNS + "WHERE k.run_id = ? ORDER BY k.step DESC";

    /** Newest first, all states. */
    public List<StoredCheckpoint> listCheckpoints(RunId runId) {
        return database.list(StoredCheckpoint.class, SELECT_CHECKPOINTS, runId);
    }

    /** Those at the ends of stages whose files are there and whole, newest first. */
    public List<StoredCheckpoint> listStageEnds(RunId runId) {
        return database.list(StoredCheckpoint.class, SELECT_PRESENT, runId).stream()
                .filter(StoredCheckpoint::stageEnd)
                .toList();
    }

    private static final String BEST =
            "k.state = 'PRESENT' AND k.score IS NOT NULL ORDER BY k.score DESC, k.step LIMIT 1";
    private static final String SELECT_BEST = COLUMNS + "WHERE k.run_id = ? AND " + BEST;

    /** The one of the greatest score whose files are there and whole, the earliest of equal ones. */
    public Optional<StoredCheckpoint> findBest(RunId runId) {
        return database.find(StoredCheckpoint.class, SELECT_BEST, runId);
    }

    private static final String SELECT_LARGEST = "SELECT coalesce(max(bytes), 0) FROM checkpoint";

    /** The bytes of the largest checkpoint that a run has ever written; 0 while there is none. */
    public long largestBytes() {
        return database.one(Long.class, SELECT_LARGEST);
    }

    static final String SELECT_PRESENT = COLUMNS + "WHERE k.run_id = ? AND k.state = 'PRESENT' ORDER BY k.step DESC";

    private static List<StoredCheckpoint> list(Handle handle, String sql, Object... arguments) {
        return handle.select(sql, arguments).mapTo(StoredCheckpoint.class).list();
    }

    private static final String MARK_DAMAGED = """
            UPDATE checkpoint SET state = 'DAMAGED', reason = ?
            WHERE run_id = ? AND step = ? AND state = 'PRESENT'
            """;

    /** A checkpoint whose bytes are wrong is not offered again. Leaves an event the first time. */
    public void markDamaged(RunId runId, long step, String reason) {
        database.change(handle -> {
            if (handle.execute(MARK_DAMAGED, reason, runId, step) > 0) {
                Events.insert(handle, runId, "CHECKPOINT_DAMAGED", "checkpoint at step " + step + ": " + reason);
            }
        });
    }

    private static final String HOLD_FENCE = "SELECT hold_fence(?, ?)";
    /** Of one run: neither among the newest, nor at the end of a stage, nor the best. */
    private static final String OLD = """
            state = 'PRESENT' AND NOT stage_end AND step NOT IN (
                SELECT step FROM checkpoint WHERE run_id = ? AND state = 'PRESENT' ORDER BY step DESC LIMIT ?
            ) AND step NOT IN (
                SELECT step FROM checkpoint k WHERE k.run_id = ? AND %s
            )
            """.formatted(BEST);

    private static final String PRUNE = """
            WITH pruned AS (
                UPDATE checkpoint SET state = 'PRUNED' WHERE run_id = ? AND %s RETURNING *
            )
            SELECT k.*, c.stage, c.epoch, c.state_digest, c.committed_at
            FROM pruned k
            JOIN commit c USING (run_id, step)
            ORDER BY k.step
            """.formatted(OLD);

    /**
     * Marks old checkpoints PRUNED, all but the newest {@code keep}, the stage ends and the best; returns those whose files may
     * go. Files that a dying process leaves behind are found by the next attempt: they are in no PRESENT checkpoint.
     *
     * @throws perdura.grids.spec.PerduraException FENCED if another attempt has claimed the run
     */
    public List<StoredCheckpoint> prune(RunId runId, long fence, int keep) {
        return database.write(handle -> {
            holdFence(handle, runId, fence);
            return list(handle, PRUNE, runId, runId, keep, runId);
        });
    }

    private static final String SPARE = "run_id = ? AND (state = 'DAMAGED' OR (" + OLD + "))";
    private static final String SELECT_SPARE = COLUMNS + "WHERE " + SPARE + " ORDER BY step";
    private static final String PRUNE_SPARE = "UPDATE checkpoint SET state = 'PRUNED' WHERE " + SPARE;
    private static final String HOLD_ENDED = """
            SELECT fence FROM run WHERE run_id = ? AND ended_at IS NOT NULL FOR NO KEY UPDATE
            """;

    /**
     * What a run that has ended can do without: damaged checkpoints, and all but the newest {@code keep}, the stage ends and the best, from
     * which trials and other runs may begin.
     *
     * @param keep at least 1: a run that has not FINISHED may be resumed
     */
    public List<StoredCheckpoint> listSpare(RunId runId, int keep) {
        return database.list(StoredCheckpoint.class, SELECT_SPARE, runId, runId, keep, runId);
    }

    /** Marks what {@link #listSpare} tells PRUNED. Nothing if the run has not ended. */
    public void pruneEnded(RunId runId, int keep) {
        database.change(handle ->
                holdEnded(handle, runId).ifPresent(fence -> handle.execute(PRUNE_SPARE, runId, runId, keep, runId)));
    }

    /** What is done while nobody can claim a run. */
    public interface WhileEnded {
        /** @param fence of the newest attempt, which has ended */
        void run(long fence, List<StoredCheckpoint> published);
    }

    /**
     * Does something with the files of a run that has ended, while no attempt can begin; nothing if it has not ended. It may be
     * done twice.
     */
    public void whileEnded(RunId runId, WhileEnded work) {
        database.change(handle ->
                holdEnded(handle, runId).ifPresent(fence -> work.run(fence, list(handle, SELECT_NAMED, runId))));
    }

    private static final String SELECT_NAMED = COLUMNS + "WHERE k.run_id = ? AND k.state <> 'PRUNED' ORDER BY k.step";

    private static Optional<Long> holdEnded(Handle handle, RunId runId) {
        return handle.select(HOLD_ENDED, runId).mapTo(Long.class).findOne();
    }

    static void holdFence(Handle handle, RunId runId, long fence) {
        handle.execute(HOLD_FENCE, runId, fence);
    }
}
