package perdura.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.BudgetSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.RungDecision;
import perdura.grids.spec.StoppingRule;
import perdura.grids.spec.SweepSpec;

/**
 * Gives the trials of a sweep out, each to one shard at a time, and none that another sweep runs. One transaction under the
 * sweep's lock.
 */
public final class Assignments {
    /** Pending trials looked at in one statement. */
    private static final int PAGE = 200;

    private final Database database;

    public Assignments(Database database) {
        this.database = database;
    }

    /**
     * The next trials of a sweep. Asked again by the same requester, for instance as its answer was lost, it gives the same
     * ones.
     *
     * @param spec of the sweep
     * @param execution of the sweep's workflow; what another one had is given out again
     * @param requester one question of one shard
     */
    public Assigned assign(String sweepId, SweepSpec spec, String execution, String requester, int atMost) {
        StoppingRule rule =
                new StoppingRule(spec.earlyStopping(), spec.objective().goal());
        return database.write(connection -> {
            SweepStatus status = Sweeps.lock(connection, sweepId);
            takeBack(connection, sweepId, execution);
            Turn turn = new Turn(connection, sweepId, spec, execution, requester, rule);
            turn.repeat();
            if (status == SweepStatus.PAUSED) {
                return turn.answer(false);
            }
            if (status != SweepStatus.RUNNING || turn.isSpent()) {
                return turn.answer(true);
            }
            turn.promote(atMost);
            turn.giveOut(atMost);
            return turn.answer(false);
        });
    }

    private static final String TAKE_BACK = """
            UPDATE sweep_trial SET state = 'PENDING', execution = NULL, requester = NULL
            WHERE sweep_id = ? AND state = 'ASSIGNED' AND execution <> ?
            """;

    private static void takeBack(Connection connection, String sweepId, String execution) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(TAKE_BACK)) {
            update.setString(1, sweepId);
            update.setString(2, execution);
            update.executeUpdate();
        }
    }

    /** One call. */
    private static final class Turn {
        private final Connection connection;
        private final String sweepId;
        private final SweepSpec spec;
        private final String execution;
        private final String requester;
        private final StoppingRule rule;
        private final NeededPretrainings pretrainings = new NeededPretrainings();
        private final List<Assigned.Assignment> given = new ArrayList<>();
        private long waiting;
        /** Of those that wait, trials whose pre-training the budget allows to start. */
        private long awaited;
        /** Trials that the budget allows to be given out, or to have their pre-training started. */
        private long allowed = Long.MAX_VALUE;
        /** Pre-trainings and trials for which the one who asks has room. */
        private int room;

        Turn(
                Connection connection,
                String sweepId,
                SweepSpec spec,
                String execution,
                String requester,
                StoppingRule rule) {
            this.connection = connection;
            this.sweepId = sweepId;
            this.spec = spec;
            this.execution = execution;
            this.requester = requester;
            this.rule = rule;
        }

        private static final String SELECT_GIVEN = """
                SELECT trial_key, rung FROM sweep_trial
                WHERE sweep_id = ? AND state = 'ASSIGNED' AND execution = ? AND requester = ?
                ORDER BY ordinal
                """;

        /** What this question was answered before. */
        void repeat() throws SQLException {
            try (PreparedStatement select = connection.prepareStatement(SELECT_GIVEN)) {
                select.setString(1, sweepId);
                select.setString(2, execution);
                select.setString(3, requester);
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        given.add(assignment(Columns.text(row, "trial_key"), row.getInt("rung")));
                    }
                }
            }
        }

        private Assigned.Assignment assignment(String trialKey, int rung) {
            OptionalInt epochs = rule.epochs(rung);
            return new Assigned.Assignment(trialKey, epochs.isPresent() ? (Integer) epochs.getAsInt() : null);
        }

        /** Whether the budget is spent or a failure has ended the sweep; says so. */
        boolean isSpent() throws SQLException {
            BudgetSpec budget = spec.budget();
            @Nullable String reason = null;
            if (spec.onFailure() == SweepSpec.OnFailure.FAIL_FAST && count(COUNT_FAILED) > 0) {
                reason = "a trial failed, and onFailure is fail-fast";
            }
            Duration wallTime = budget.wallTime();
            if (wallTime != null && number(SECONDS_SINCE) >= wallTime.toSeconds()) {
                reason = "the budget of " + wallTime + " of wall time is spent";
            }
            Double hours = budget.gpuHours();
            if (hours != null && number(DEVICE_SECONDS) / 3600 >= hours) {
                reason = "the budget of " + hours + " GPU hours is spent";
            }
            if (reason != null) {
                record(reason);
            }
            return reason != null;
        }

        private void record(String reason) throws SQLException {
            try (PreparedStatement update = connection.prepareStatement(SET_REASON)) {
                update.setString(1, reason);
                update.setString(2, sweepId);
                update.executeUpdate();
            }
        }

        private static final String SET_REASON = "UPDATE sweep SET reason = coalesce(reason, ?) WHERE sweep_id = ?";
        private static final String COUNT_FAILED = """
                SELECT count(*) FROM sweep_trial st JOIN trial t USING (trial_key) JOIN run r ON r.run_id = t.run_id
                WHERE st.sweep_id = ? AND st.state = 'DONE' AND st.started_at IS NOT NULL AND r.status = 'FAILED'
                """;
        private static final String COUNT_STARTED =
                "SELECT count(*) FROM sweep_trial WHERE sweep_id = ? AND started_at IS NOT NULL";
        private static final String SECONDS_SINCE =
                "SELECT extract(epoch FROM clock_timestamp() - submitted_at) FROM sweep WHERE sweep_id = ?";
        private static final String DEVICE_SECONDS = """
                SELECT coalesce(sum(extract(epoch FROM coalesce(a.ended_at, now()) - a.claimed_at)), 0)
                FROM sweep_trial st JOIN trial t USING (trial_key) JOIN attempt a ON a.run_id = t.run_id
                WHERE st.sweep_id = ? AND st.started_at IS NOT NULL AND a.claimed_at >= st.started_at
                """;
        private static final String COUNT_PENDING =
                "SELECT count(*) FROM sweep_trial WHERE sweep_id = ? AND state = 'PENDING'";
        private static final String COUNT_UNSTARTED =
                "SELECT count(*) FROM sweep_trial WHERE sweep_id = ? AND state = 'PENDING' AND started_at IS NULL";
        private static final String COUNT_ASSIGNED =
                "SELECT count(*) FROM sweep_trial WHERE sweep_id = ? AND state = 'ASSIGNED'";

        private long count(String sql) throws SQLException {
            return (long) number(sql);
        }

        private double number(String sql) throws SQLException {
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                select.setString(1, sweepId);
                try (ResultSet row = select.executeQuery()) {
                    row.next();
                    return row.getDouble(1);
                }
            }
        }

        private static final String PROMOTE = """
                UPDATE sweep_trial SET state = 'PENDING', rung = ? WHERE sweep_id = ? AND trial_key = ? AND state = 'HELD'
                """;

        /** Lets those held trials go on that early stopping lets go on. */
        void promote(int atMost) throws SQLException {
            if (!rule.holds()) {
                return;
            }
            RungTable rungs = new RungTable(connection, sweepId);
            while (given.size() < atMost) {
                Optional<RungDecision> decision = rule.next(rungs.results(), rungs.decisions());
                if (decision.isEmpty()) {
                    return;
                }
                rungs.record(decision.get());
                if (decision.get().kind() == RungDecision.Kind.PROMOTE) {
                    promote(decision.get().trialKey(), decision.get().rung() + 1);
                }
            }
        }

        private void promote(String trialKey, int rung) throws SQLException {
            try (PreparedStatement update = connection.prepareStatement(PROMOTE);
                    PreparedStatement select = connection.prepareStatement(SELECT_PROMOTED)) {
                update.setInt(1, rung);
                update.setString(2, sweepId);
                update.setString(3, trialKey);
                if (update.executeUpdate() == 1) {
                    select.setString(1, sweepId);
                    select.setString(2, trialKey);
                    for (Pending trial : list(select)) {
                        settle(trial);
                    }
                }
            }
        }

        private static final String COLUMNS = """
                SELECT st.trial_key, st.ordinal, st.rung, st.retry_failed, t.owner, r.status,
                       t.needs, n.status AS needs_status, n.error_code AS needs_error
                FROM sweep_trial st
                JOIN trial t USING (trial_key)
                LEFT JOIN run r ON r.run_id = t.run_id
                LEFT JOIN run n ON n.run_id = t.needs
                WHERE st.sweep_id = ? AND st.state = 'PENDING'
                """;
        private static final String SELECT_PROMOTED = COLUMNS + "AND st.trial_key = ? FOR UPDATE OF t SKIP LOCKED";

        /** SKIP LOCKED: a trial that another sweep is taking at this instant waits, as one that it has. */
        private static final String SELECT_PENDING = COLUMNS + """
                AND st.ordinal > ? AND (NOT ? OR st.started_at IS NOT NULL)
                ORDER BY st.ordinal
                LIMIT ?
                FOR UPDATE OF t SKIP LOCKED
                """;

        /** First those that began before, however few further ones the budget allows. */
        void giveOut(int atMost) throws SQLException {
            room = atMost;
            giveOut(atMost, true);
            Long budget = spec.budget().trials();
            long left = budget == null ? atMost : budget - count(COUNT_STARTED);
            allowed = budget == null ? Long.MAX_VALUE : given.size() + Math.max(0, left);
            giveOut((int) Math.min(atMost, given.size() + Math.max(0, left)), false);
        }

        private void giveOut(int atMost, boolean startedOnly) throws SQLException {
            if (given.size() >= atMost) {
                return; // what waits is known from the first look
            }
            long after = -1;
            waiting = 0;
            awaited = 0;
            pretrainings.clear();
            while (given.size() < atMost) {
                List<Pending> page = page(after, startedOnly, PAGE);
                if (page.isEmpty()) {
                    return;
                }
                for (Pending trial : page) {
                    if (given.size() == atMost) {
                        return;
                    }
                    settle(trial);
                    after = trial.ordinal();
                }
            }
        }

        private List<Pending> page(long after, boolean startedOnly, int atMost) throws SQLException {
            try (PreparedStatement select = connection.prepareStatement(SELECT_PENDING)) {
                select.setString(1, sweepId);
                select.setLong(2, after);
                select.setBoolean(3, startedOnly);
                select.setInt(4, atMost);
                return list(select);
            }
        }

        private static List<Pending> list(PreparedStatement select) throws SQLException {
            List<Pending> trials = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    trials.add(new Pending(
                            Columns.text(row, "trial_key"),
                            row.getLong("ordinal"),
                            row.getInt("rung"),
                            row.getBoolean("retry_failed"),
                            row.getString("owner"),
                            row.getString("status"),
                            needed(row)));
                }
            }
            return trials;
        }

        private static @Nullable Needed needed(ResultSet row) throws SQLException {
            String runId = row.getString("needs");
            return runId == null
                    ? null
                    : new Needed(
                            new RunId(runId),
                            RunStatus.valueOf(Columns.text(row, "needs_status")),
                            row.getString("needs_error"));
        }

        /** A pre-training. */
        private record Needed(
                RunId runId, RunStatus status, @Nullable String errorCode) {}

        private record Pending(
                String trialKey,
                long ordinal,
                int rung,
                boolean retryFailed,
                @Nullable String owner,
                @Nullable String runStatus,
                @Nullable Needed needed) {}

        private void settle(Pending trial) throws SQLException {
            boolean hasEnded = "FINISHED".equals(trial.runStatus())
                    || ("FAILED".equals(trial.runStatus()) && !trial.retryFailed());
            if (hasEnded) {
                SweepTrials.done(connection, sweepId, trial.trialKey());
            } else if (trial.owner() != null && !trial.owner().equals(sweepId)) {
                waiting++;
            } else {
                settle(trial, trial.needed());
            }
        }

        private void settle(Pending trial, @Nullable Needed needed) throws SQLException {
            if (needed == null || needed.status() == RunStatus.FINISHED) {
                own(trial);
                given.add(assignment(trial.trialKey(), trial.rung()));
            } else if (needed.status() == RunStatus.FAILED) {
                own(trial);
                String code = Objects.requireNonNullElse(needed.errorCode(), ErrorCode.INTERNAL.name());
                SweepTrials.failedAtOnce(connection, sweepId, trial.trialKey(), code, failure(needed, code));
            } else {
                waiting++;
                if (given.size() + awaited < allowed) {
                    awaited++;
                    pretrainings.add(needed.runId(), needed.status());
                }
            }
        }

        private static String failure(Needed needed, String code) {
            return "its pre-training " + needed.runId() + " FAILED with " + code + "; see 'perdura runs show "
                    + needed.runId() + "', then submit the sweep again with --retry-failed";
        }

        private static final String OWN = "UPDATE trial SET owner = ? WHERE trial_key = ?";
        private static final String GIVE = """
                UPDATE sweep_trial
                SET state = 'ASSIGNED', execution = ?, requester = ?, started_at = coalesce(started_at, clock_timestamp())
                WHERE sweep_id = ? AND trial_key = ?
                """;

        private void own(Pending trial) throws SQLException {
            try (PreparedStatement own = connection.prepareStatement(OWN);
                    PreparedStatement give = connection.prepareStatement(GIVE)) {
                own.setString(1, sweepId);
                own.setString(2, trial.trialKey());
                own.executeUpdate();
                give.setString(1, execution);
                give.setString(2, requester);
                give.setString(3, sweepId);
                give.setString(4, trial.trialKey());
                give.executeUpdate();
            }
        }

        Assigned answer(boolean closed) throws SQLException {
            Long budget = spec.budget().trials();
            boolean isSpent = budget != null && count(COUNT_STARTED) >= budget;
            if (isSpent && count(COUNT_UNSTARTED) > 0) {
                record("the budget of " + budget + " trials is spent");
            }
            long pending = count(COUNT_PENDING) - (isSpent ? count(COUNT_UNSTARTED) : 0);
            long unsettled = pending + (rule.holds() ? count(COUNT_ASSIGNED) : 0);
            return new Assigned(
                    given,
                    waiting,
                    unsettled,
                    closed || (unsettled == 0 && given.isEmpty()),
                    pretrainings.due(room - given.size()));
        }
    }
}
