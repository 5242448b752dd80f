package perdura.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;

/** Table attempt: claims and fences. */
public final class Attempts {
    /** Expression: seconds that the ended attempts of run {@code r} have held a device. */
    static final String SECONDS = """
            (SELECT coalesce(sum(extract(epoch FROM a.ended_at - a.claimed_at)), 0)
             FROM attempt a WHERE a.run_id = r.run_id)""";

    private final Database database;

    public Attempts(Database database) {
        this.database = database;
    }

    private static final String RAISE_FENCE = "UPDATE run SET fence = fence + 1 WHERE run_id = ? RETURNING fence";
    private static final String INSERT_ATTEMPT = """
            INSERT INTO attempt (run_id, fence, worker, fingerprint, from_step)
            SELECT ?, ?, ?, ?, coalesce(max(step), 0)
            FROM checkpoint
            WHERE run_id = ? AND state = 'PRESENT'
            RETURNING *
            """;

    /**
     * Raises the run's fence and makes the caller the only one that may commit. Repeated after an unknown outcome it
     * claims once more, which does no harm. An event tells of a claim that takes a run over, but not of one that begins it
     * or goes on where the attempt before was done.
     *
     * @param worker host and slot, for people
     * @param fingerprint kind of engine, processor and thread count
     * @throws PerduraException NOT_FOUND if there is no such run
     */
    public Attempt claim(RunId runId, String worker, String fingerprint) {
        return database.write(connection -> {
            long fence = raiseFence(connection, runId);
            try (PreparedStatement insert = connection.prepareStatement(INSERT_ATTEMPT)) {
                insert.setString(1, runId.value());
                insert.setLong(2, fence);
                insert.setString(3, worker);
                insert.setString(4, fingerprint);
                insert.setString(5, runId.value());
                try (ResultSet row = insert.executeQuery()) {
                    row.next();
                    Attempt attempt = attempt(row);
                    tellTakeOver(connection, attempt);
                    return attempt;
                }
            }
        });
    }

    private static final String SELECT_OUTCOME = "SELECT outcome FROM attempt WHERE run_id = ? AND fence = ?";

    private static void tellTakeOver(Connection connection, Attempt attempt) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SELECT_OUTCOME)) {
            select.setString(1, attempt.runId().value());
            select.setLong(2, attempt.fence() - 1);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return; // the first attempt
                }
                String outcome = row.getString("outcome");
                if (!"COMPLETED".equals(outcome)) {
                    Events.insert(
                            connection,
                            attempt.runId(),
                            "CLAIMED",
                            "attempt " + attempt.fence() + " by " + attempt.worker() + " from step "
                                    + attempt.fromStep() + ", after "
                                    + (outcome == null ? "one that fell silent" : outcome));
                }
            }
        }
    }

    private static long raiseFence(Connection connection, RunId runId) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(RAISE_FENCE)) {
            update.setString(1, runId.value());
            try (ResultSet row = update.executeQuery()) {
                if (!row.next()) {
                    throw new PerduraException(ErrorCode.NOT_FOUND, "run " + runId + " is not in the store");
                }
                return row.getLong("fence");
            }
        }
    }

    private static final String END_ATTEMPT = """
            UPDATE attempt SET ended_at = now(), outcome = ?, reason = ?
            WHERE run_id = ? AND fence = ? AND outcome IS NULL
            """;

    /** Records how the attempt ended; the first word counts. */
    public void endAttempt(RunId runId, long fence, String outcome, @Nullable String reason) {
        database.write(connection -> {
            try (PreparedStatement update = connection.prepareStatement(END_ATTEMPT)) {
                update.setString(1, outcome);
                update.setString(2, reason);
                update.setString(3, runId.value());
                update.setLong(4, fence);
                return update.executeUpdate();
            }
        });
    }

    private static final String COUNT_FAILURES = """
            SELECT count(*)
            FROM attempt a
            JOIN run r ON r.run_id = a.run_id
            WHERE a.run_id = ?
              AND a.claimed_at > coalesce(
                      (SELECT max(e.at) FROM event e WHERE e.run_id = a.run_id AND e.kind = 'RESUMED'), '-infinity')
              AND (a.outcome NOT IN ('COMPLETED', 'CANCELLED', 'PREEMPTED', 'FENCED')
                   OR (a.outcome IS NULL AND a.fence < r.fence))
            """;
    private static final String COUNT_FRUITLESS = COUNT_FAILURES
            + "  AND a.fence > coalesce((SELECT max(fence) FROM checkpoint c WHERE c.run_id = a.run_id), 0)\n";

    /**
     * Attempts since the last commit, and since somebody last resumed the run, that failed, or that another one has
     * replaced without their saying a word. What a replaced one says then does not count. For the NO_PROGRESS rule.
     */
    public int countFailuresSinceCommit(RunId runId) {
        return count(COUNT_FRUITLESS, runId);
    }

    /** As {@link #countFailuresSinceCommit}, whether or not the attempts committed. */
    public int countFailures(RunId runId) {
        return count(COUNT_FAILURES, runId);
    }

    private int count(String sql, RunId runId) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                select.setString(1, runId.value());
                try (ResultSet row = select.executeQuery()) {
                    row.next();
                    return row.getInt(1);
                }
            }
        });
    }

    public Optional<Attempt> findNewest(RunId runId) {
        List<Attempt> all = listAttempts(runId);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    private static final String SELECT_RUNNING =
            "SELECT * FROM attempt WHERE worker = ? AND ended_at IS NULL ORDER BY claimed_at DESC LIMIT 1";

    /** The newest attempt of a worker that has not ended. */
    public Optional<Attempt> findRunning(String worker) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(SELECT_RUNNING)) {
                select.setString(1, worker);
                try (ResultSet row = select.executeQuery()) {
                    return row.next() ? Optional.of(attempt(row)) : Optional.empty();
                }
            }
        });
    }

    private static final String SELECT_ATTEMPTS = "SELECT * FROM attempt WHERE run_id = ? ORDER BY fence";

    /** Oldest first. */
    public List<Attempt> listAttempts(RunId runId) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(SELECT_ATTEMPTS)) {
                select.setString(1, runId.value());
                List<Attempt> attempts = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        attempts.add(attempt(row));
                    }
                }
                return attempts;
            }
        });
    }

    private static Attempt attempt(ResultSet row) throws SQLException {
        return new Attempt(
                Columns.runId(row),
                row.getLong("fence"),
                Columns.text(row, "worker"),
                Columns.text(row, "fingerprint"),
                row.getLong("from_step"),
                Columns.instant(row, "claimed_at"),
                new Attempt.End(
                        Columns.instantOrNull(row, "ended_at"), row.getString("outcome"), row.getString("reason")));
    }
}
