package perdura.store;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunId;

/** Table attempt: claims and fences. */
public record Attempts(Database database) {
    /** Expression: seconds that the ended attempts of run {@code r} have held a device. */
    static final String SECONDS = """
            (SELECT coalesce(sum(extract(epoch FROM a.ended_at - a.claimed_at)), 0)
             FROM attempt a WHERE a.run_id = r.run_id)""";

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
     * @throws perdura.grids.spec.PerduraException NOT_FOUND if there is no such run
     */
    public Attempt claim(RunId runId, String worker, String fingerprint) {
        return database.write(handle -> {
            long fence = handle.select(RAISE_FENCE, runId)
                    .mapTo(Long.class)
                    .findOne()
                    .orElseThrow(() -> RunRows.notFound(runId));
            Attempt attempt = handle.select(INSERT_ATTEMPT, runId, fence, worker, fingerprint, runId)
                    .mapTo(Attempt.class)
                    .one();
            recordTakeOver(handle, attempt);
            return attempt;
        });
    }

    private static final String SELECT_BEFORE = "SELECT * FROM attempt WHERE run_id = ? AND fence = ?";

    private static void recordTakeOver(Handle handle, Attempt attempt) {
        Optional<Attempt> before = handle.select(SELECT_BEFORE, attempt.runId(), attempt.fence() - 1)
                .mapTo(Attempt.class)
                .findOne();
        if (before.isEmpty() || "COMPLETED".equals(before.get().end().outcome())) {
            return;
        }
        String outcome = before.get().end().outcome();
        String detail = "attempt " + attempt.fence() + " by " + attempt.worker() + " from step " + attempt.fromStep()
                + ", after " + (outcome == null ? "one that fell silent" : outcome);
        Events.insert(handle, attempt.runId(), "CLAIMED", detail);
    }

    private static final String END_ATTEMPT = """
            UPDATE attempt SET ended_at = now(), outcome = ?, reason = ?
            WHERE run_id = ? AND fence = ? AND outcome IS NULL
            """;

    /** Records how the attempt ended; the first word counts. */
    public void endAttempt(RunId runId, long fence, String outcome, @Nullable String reason) {
        database.write(handle -> handle.execute(END_ATTEMPT, outcome, reason, runId, fence));
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
     * replaced before they ended. How a replaced one ends later does not count. For the NO_PROGRESS rule.
     */
    public int countFailuresSinceCommit(RunId runId) {
        return database.one(Integer.class, COUNT_FRUITLESS, runId);
    }

    /** As {@link #countFailuresSinceCommit}, whether or not the attempts committed. */
    public int countFailures(RunId runId) {
        return database.one(Integer.class, COUNT_FAILURES, runId);
    }

    public Optional<Attempt> findNewest(RunId runId) {
        List<Attempt> all = listAttempts(runId);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    private static final String SELECT_RUNNING =
            "SELECT * FROM attempt WHERE worker = ? AND ended_at IS NULL ORDER BY claimed_at DESC LIMIT 1";

    /** The newest attempt of a worker that has not ended. */
    public Optional<Attempt> findRunning(String worker) {
        return database.find(Attempt.class, SELECT_RUNNING, worker);
    }

    private static final String SELECT_ATTEMPTS = "SELECT * FROM attempt WHERE run_id = ? ORDER BY fence";

    /** Oldest first. */
    public List<Attempt> listAttempts(RunId runId) {
        return database.list(Attempt.class, SELECT_ATTEMPTS, runId);
    }
}
