package perdura.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import perdura.grids.spec.OnceEvent;
import perdura.grids.spec.RunId;

/** Publishes what an attempt has done, in one transaction each. */
public final class Commits {
    private final Database database;

    public Commits(Database database) {
        this.database = database;
    }

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
        database.write(connection -> {
            Checkpoints.holdFence(connection, commit.runId(), commit.fence());
            Optional<String> before = findStateDigest(connection, commit);
            if (before.isEmpty() || !before.get().equals(commit.stateDigest())) {
                upsertCommit(connection, commit);
            }
            if (before.isPresent() && !before.get().equals(commit.stateDigest())) {
                Events.insert(
                        connection,
                        commit.runId(),
                        "DIVERGED",
                        "step " + commit.position().step() + " had state " + before.get() + ", attempt "
                                + commit.fence() + " has " + commit.stateDigest());
            }
            upsertCheckpoint(connection, commit);
            if (!commit.points().isEmpty()
                    && MetricRows.insert(
                                    connection,
                                    commit.runId(),
                                    commit.position().step(),
                                    commit.points())
                            > 0) {
                OutboxRows.addMetrics(
                        connection, commit.runId(), commit.position().step(), commit.points());
            }
            for (OnceEvent event : commit.events()) {
                Events.insertOnce(connection, commit.runId(), event);
            }
            updatePosition(connection, commit);
            return true;
        });
    }

    private static final String SELECT_STATE_DIGEST = "SELECT state_digest FROM commit WHERE run_id = ? AND step = ?";

    private static Optional<String> findStateDigest(Connection connection, Commit commit) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SELECT_STATE_DIGEST)) {
            select.setString(1, commit.runId().value());
            select.setLong(2, commit.position().step());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(Columns.text(row, "state_digest")) : Optional.empty();
            }
        }
    }

    private static final String UPSERT_COMMIT = """
            INSERT INTO commit (run_id, step, stage, epoch, state_digest, fence) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (run_id, step) DO UPDATE
            SET stage = excluded.stage, epoch = excluded.epoch, state_digest = excluded.state_digest,
                fence = excluded.fence, committed_at = now()
            """;

    private static void upsertCommit(Connection connection, Commit commit) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement(UPSERT_COMMIT)) {
            upsert.setString(1, commit.runId().value());
            upsert.setLong(2, commit.position().step());
            upsert.setInt(3, commit.position().stage());
            upsert.setInt(4, commit.position().epoch());
            upsert.setString(5, commit.stateDigest());
            upsert.setLong(6, commit.fence());
            upsert.executeUpdate();
        }
    }

    private static final String UPSERT_CHECKPOINT = """
            INSERT INTO checkpoint (run_id, step, uri, manifest_digest, bytes, stage_end, fence)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (run_id, step) DO UPDATE
            SET uri = excluded.uri, manifest_digest = excluded.manifest_digest, bytes = excluded.bytes,
                stage_end = excluded.stage_end, fence = excluded.fence, state = 'PRESENT', reason = NULL,
                written_at = now()
            """;

    private static void upsertCheckpoint(Connection connection, Commit commit) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement(UPSERT_CHECKPOINT)) {
            upsert.setString(1, commit.runId().value());
            upsert.setLong(2, commit.position().step());
            upsert.setString(3, commit.files().uri());
            upsert.setString(4, commit.files().manifestDigest());
            upsert.setLong(5, commit.files().bytes());
            upsert.setBoolean(6, commit.stageEnd());
            upsert.setLong(7, commit.fence());
            upsert.executeUpdate();
        }
    }

    private static final String UPDATE_POSITION =
            "UPDATE run SET stage = ?, epoch = ?, step = ?, state_digest = ? WHERE run_id = ?";

    private static void updatePosition(Connection connection, Commit commit) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(UPDATE_POSITION)) {
            update.setInt(1, commit.position().stage());
            update.setInt(2, commit.position().epoch());
            update.setLong(3, commit.position().step());
            update.setString(4, commit.stateDigest());
            update.setString(5, commit.runId().value());
            update.executeUpdate();
        }
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
        return database.read(connection -> {
            try (PreparedStatement await = connection.prepareStatement(AWAIT_RUN);
                    PreparedStatement select = connection.prepareStatement(SELECT_PUBLISHED)) {
                await.setString(1, commit.runId().value());
                await.execute();
                select.setString(1, commit.runId().value());
                select.setLong(2, commit.position().step());
                select.setString(3, commit.stateDigest());
                select.setString(4, commit.files().uri());
                select.setLong(5, commit.fence());
                try (ResultSet row = select.executeQuery()) {
                    return row.next();
                }
            }
        });
    }

    /** The newest commit whose checkpoint is PRESENT. */
    public Optional<StoredCheckpoint> findLast(RunId runId) {
        return database.read(connection -> Checkpoints.list(connection, Checkpoints.SELECT_PRESENT, runId)).stream()
                .findFirst();
    }
}
