package perdura.store;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.Nested;
import org.jdbi.v3.core.mapper.PropagateNull;
import org.jdbi.v3.core.mapper.reflect.ColumnName;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;

/**
 * The pending trials of a sweep, with what decides whether they can be given out, under the sweep's lock. Those that another
 * sweep is taking at this instant are passed over: they wait, as those that it has.
 */
record PendingTrials(Handle handle, String sweepId) {
    /** Looked at in one statement. */
    private static final int PAGE = 200;

    private static final String COLUMNS = """
            SELECT st.trial_key, st.ordinal, st.rung, st.retry_failed, t.owner, r.status,
                   t.needs, n.status AS needs_status, n.error_code AS needs_error
            FROM sweep_trial st
            JOIN trial t USING (trial_key)
            LEFT JOIN run r ON r.run_id = t.run_id
            LEFT JOIN run n ON n.run_id = t.needs
            WHERE st.sweep_id = ? AND st.state = 'PENDING'
            """;

    /**
     * A pending trial.
     *
     * @param runStatus of its run; null before it has begun
     */
    record Pending(
            String trialKey,
            long ordinal,
            int rung,
            boolean retryFailed,
            @Nullable String owner,
            @ColumnName("status") @Nullable RunStatus runStatus,
            @Nested @Nullable Needed needed) {}

    /** A pre-training that must be finished first. */
    @PropagateNull("needs")
    record Needed(
            @ColumnName("needs") RunId runId,
            @ColumnName("needs_status") RunStatus status,
            @ColumnName("needs_error") @Nullable String errorCode) {}

    private static final String SELECT_ONE = COLUMNS + "AND st.trial_key = ? FOR UPDATE OF t SKIP LOCKED";

    Optional<Pending> find(String trialKey) {
        return handle.select(SELECT_ONE, sweepId, trialKey).mapTo(Pending.class).findFirst();
    }

    private static final String NEXT_PAGE = """
            AND st.ordinal > ?
            ORDER BY st.ordinal
            LIMIT %d
            FOR UPDATE OF t SKIP LOCKED
            """.formatted(PAGE);
    private static final String SELECT_PAGE = COLUMNS + NEXT_PAGE;
    /** Has an index of its own: there are few of them, among perhaps very many. */
    private static final String SELECT_BEGUN_PAGE = COLUMNS + "AND st.started_at IS NOT NULL " + NEXT_PAGE;

    /**
     * The next ones by their order; none at the end.
     *
     * @param begunOnly those that this sweep has given out before
     */
    List<Pending> page(long afterOrdinal, boolean begunOnly) {
        return handle.select(begunOnly ? SELECT_BEGUN_PAGE : SELECT_PAGE, sweepId, afterOrdinal)
                .mapTo(Pending.class)
                .list();
    }
}
