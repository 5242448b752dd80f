package perdura.store;

import java.time.Duration;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Durations;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepSpec.BudgetSpec;

/** What a sweep may still cost, under its lock. Who ends it early is told in its reason. */
record SweepBudget(Handle handle, String sweepId, SweepSpec spec) {
    private static final String COUNT_FAILED = """
            SELECT count(*) FROM sweep_trial st JOIN trial t USING (trial_key) JOIN run r ON r.run_id = t.run_id
            WHERE st.sweep_id = ? AND st.state = 'DONE' AND st.started_at IS NOT NULL AND r.status = 'FAILED'
            """;
    private static final String SECONDS_RUN = "SELECT " + Sweeps.RAN_SECONDS + " FROM sweep s WHERE s.sweep_id = ?";

    /** An attempt that died without a word held its device until it last reported. */
    private static final String DEVICE_SECONDS = """
            SELECT coalesce(sum(extract(epoch FROM coalesce(
                       a.ended_at,
                       CASE WHEN a.fence = r.fence AND r.status = 'RUNNING' THEN now() END,
                       a.live_at,
                       a.claimed_at) - a.claimed_at)), 0)
            FROM sweep_trial st JOIN trial t USING (trial_key) JOIN run r ON r.run_id = t.run_id
            JOIN attempt a ON a.run_id = t.run_id
            WHERE st.sweep_id = ? AND st.started_at IS NOT NULL AND a.claimed_at >= st.started_at
            """;

    /** Whether time, devices or a failure have ended the sweep; says so. */
    boolean isSpent() {
        Optional<String> reason = findReason();
        reason.ifPresent(this::record);
        return reason.isPresent();
    }

    /** Why no further trial of the sweep may begin or go on: time, devices or a failure. */
    Optional<String> findReason() {
        BudgetSpec budget = spec.budget();
        Double hours = budget.gpuHours();
        if (hours != null && number(handle, DEVICE_SECONDS, sweepId) / 3600 >= hours) {
            return Optional.of("the budget of " + hours + " GPU hours is spent");
        }
        Duration wallTime = budget.wallTime();
        if (wallTime != null && number(handle, SECONDS_RUN, sweepId) >= wallTime.toSeconds()) {
            return Optional.of("the budget of " + Durations.text(wallTime) + " of wall time is spent");
        }
        boolean failsFast = spec.trials().onFailure() == SweepSpec.OnFailure.FAIL_FAST;
        return failsFast && count(handle, COUNT_FAILED, sweepId) > 0
                ? Optional.of("a trial failed, and onFailure is fail-fast")
                : Optional.empty();
    }

    /** What is left of the wall time; null: it has no limit. */
    @Nullable
    Long secondsLeft() {
        Duration wallTime = spec.budget().wallTime();
        return wallTime == null
                ? null
                : (Long) Math.max(0, wallTime.toSeconds() - (long) number(handle, SECONDS_RUN, sweepId));
    }

    /** As {@link #findReason}, or that no trial is left which may begin or go on. */
    Optional<String> findSpent() {
        return findReason()
                .or(() -> trialsLeft() == 0 && !any("state = 'PENDING' AND started_at IS NOT NULL")
                        ? Optional.of(trialsSpent())
                        : Optional.empty());
    }

    private String trialsSpent() {
        return "the budget of " + spec.budget().trials() + " trials is spent";
    }

    private static final String COUNT_STARTED =
            "SELECT count(*) FROM sweep_trial WHERE sweep_id = ? AND started_at IS NOT NULL";

    /** Trials that may still be started; {@code Long.MAX_VALUE} without a limit. */
    long trialsLeft() {
        Long trials = spec.budget().trials();
        return trials == null ? Long.MAX_VALUE : Math.max(0, trials - count(handle, COUNT_STARTED, sweepId));
    }

    /** Whether a pending trial may be given out now or later; says so if some never will, as no more may be started. */
    boolean leavesPending() {
        if (trialsLeft() > 0) {
            return any("state = 'PENDING'");
        }
        if (any("state = 'PENDING' AND started_at IS NULL")) {
            record(trialsSpent());
        }
        return any("state = 'PENDING' AND started_at IS NOT NULL");
    }

    /** Whether the sweep has a trial like this, in SQL. */
    boolean any(String condition) {
        String sql =
                "SELECT count(*) FROM (SELECT FROM sweep_trial WHERE sweep_id = ? AND " + condition + " LIMIT 1) one";
        return count(handle, sql, sweepId) > 0;
    }

    private static final String SET_REASON = "UPDATE sweep SET reason = coalesce(reason, ?) WHERE sweep_id = ?";

    private void record(String reason) {
        handle.execute(SET_REASON, reason, sweepId);
    }

    /** @param sql counts rows of a sweep, its one argument */
    static long count(Handle handle, String sql, String sweepId) {
        return (long) number(handle, sql, sweepId);
    }

    private static double number(Handle handle, String sql, String sweepId) {
        return handle.select(sql, sweepId).mapTo(Double.class).one();
    }
}
