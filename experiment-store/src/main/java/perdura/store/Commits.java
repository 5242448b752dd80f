package perdura.store;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.OnceEvent;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;

/** Publishes what an attempt has done, in one transaction each. */
public record Commits(Database database) {
    /**
     * Fence check, metric points, events, checkpoint row, position and outbox rows, all or nothing. Publishing the same commit
     * again (same run, step and state digest) changes nothing, but that a checkpoint found damaged is there again, with
     * its new files. A point that is in the store already stays as it is, and so does an event. Another state digest at a
     * known step replaces the old one, and leaves the event DIVERGED.
     *
     * @throws perdura.grids.spec.PerduraException FENCED if another attempt has claimed the run; NOT_FOUND if there is
     *     no such run; COMMIT_UNKNOWN if the connection broke while committing; STORE_UNAVAILABLE if it surely did not
     *     commit
     */
    public void publish(Commit commit) {
        RunId runId = commit.runId();
        long step = commit.position().step();
        database.change(handle -> {
            Checkpoints.holdFence(handle, runId, commit.fence());
            Optional<String> before = handle.select(SELECT_STATE_DIGEST, runId, step)
                    .mapTo(String.class)
                    .findOne();
            if (before.isEmpty() || !before.get().equals(commit.stateDigest())) {
                upsertCommit(handle, commit);
            }
            if (before.isPresent() && !before.get().equals(commit.stateDigest())) {
                String detail = "step " + step + " had state " + before.get() + ", attempt " + commit.fence() + " has "
                        + commit.stateDigest();
                Events.insert(handle, runId, "DIVERGED", detail);
            }
            upsertCheckpoint(handle, commit);
            if (!commit.points().isEmpty() && Metrics.insert(handle, runId, step, commit.points()) > 0) {
                OutboxRows.addMetrics(handle, runId, step, commit.points());
            }
            commit.events().forEach(event -> Events.insertOnce(handle, runId, event));
            updatePosition(handle, commit);
        });
    }

    /**
     * What an attempt measured after its last commit, before a step failed for good: the run stays at that commit. What is in the store
     * already stays as it is.
     *
     * @throws perdura.grids.spec.PerduraException as {@link #publish}
     */
    public void keep(RunId runId, long fence, List<MetricPoint> points, List<OnceEvent> events) {
        long after = points.stream().mapToLong(MetricPoint::step).max().orElse(0) + 1;
        database.change(handle -> {
            Checkpoints.holdFence(handle, runId, fence);
            if (!points.isEmpty() && Metrics.insert(handle, runId, after, points) > 0) {
                OutboxRows.addMetrics(handle, runId, after, points);
            }
            events.forEach(event -> Events.insertOnce(handle, runId, event));
        });
    }

    private static final String SELECT_STATE_DIGEST = "SELECT state_digest FROM commit WHERE run_id = ? AND step = ?";

    private static final String UPSERT_COMMIT = """
            INSERT INTO commit (run_id, step, stage, epoch, state_digest, fence) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (run_id, step) DO UPDATE
            SET stage = excluded.stage, epoch = excluded.epoch, state_digest = excluded.state_digest,
                fence = excluded.fence, committed_at = now()
            """;

    private static void upsertCommit(Handle handle, Commit commit) {
        Position at = commit.position();
        handle.execute(
                UPSERT_COMMIT, commit.runId(), at.step(), at.stage(), at.epoch(), commit.stateDigest(), commit.fence());
    }

    private static final String UPSERT_CHECKPOINT = """
            INSERT INTO checkpoint (run_id, step, uri, manifest_digest, bytes, stage_end, score, fence)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (run_id, step) DO UPDATE
            SET uri = excluded.uri, manifest_digest = excluded.manifest_digest, bytes = excluded.bytes,
                stage_end = excluded.stage_end, score = excluded.score, fence = excluded.fence, state = 'PRESENT', reason = NULL,
                written_at = now()
            """;

    private static void upsertCheckpoint(Handle handle, Commit commit) {
        StoredCheckpoint.Files files = commit.files();
        handle.execute(
                UPSERT_CHECKPOINT,
                commit.runId(),
                commit.position().step(),
                files.uri(),
                files.manifestDigest(),
                files.bytes(),
                commit.stageEnd(),
                commit.score(),
                commit.fence());
    }

    private static final String UPDATE_POSITION =
            "UPDATE run SET stage = ?, epoch = ?, step = ?, state_digest = ? WHERE run_id = ?";

    private static void updatePosition(Handle handle, Commit commit) {
        Position at = commit.position();
        handle.execute(UPDATE_POSITION, at.stage(), at.epoch(), at.step(), commit.stateDigest(), commit.runId());
    }

    /** Waits until a transaction that the server may still work on has ended. */
    private static final String AWAIT_RUN = "SELECT 1 FROM run WHERE run_id = ? FOR NO KEY UPDATE";

    private static final String SELECT_PUBLISHED = """
            SELECT 1
            FROM commit c
            JOIN checkpoint k USING (run_id, step)
            WHERE c.run_id = ? AND c.step = ? AND c.state_digest = ? AND k.uri = ? AND k.fence = ?
            """;

    /** Whether this very commit is in the store: resolves COMMIT_UNKNOWN. */
    public boolean isPublished(Commit commit) {
        return database.read(handle -> {
            handle.select(AWAIT_RUN, commit.runId()).mapTo(Integer.class).findOne();
            return handle.select(
                            SELECT_PUBLISHED,
                            commit.runId(),
                            commit.position().step(),
                            commit.stateDigest(),
                            commit.files().uri(),
                            commit.fence())
                    .mapTo(Integer.class)
                    .findOne()
                    .isPresent();
        });
    }

    /** The newest commit whose checkpoint is PRESENT. */
    public Optional<StoredCheckpoint> findLast(RunId runId) {
        return database.find(StoredCheckpoint.class, Checkpoints.SELECT_PRESENT, runId);
    }
}
