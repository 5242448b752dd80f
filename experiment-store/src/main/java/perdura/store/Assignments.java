package perdura.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.RungDecision;
import perdura.grids.spec.StoppingRule;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepStatus;

/**
 * Gives the trials of a sweep out, each to one shard at a time, and none that another sweep runs. One transaction under the
 * sweep's lock.
 */
public final class Assignments {
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
            if (status != SweepStatus.RUNNING || turn.budget.isSpent()) {
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
        private final String execution;
        private final String requester;
        private final StoppingRule rule;
        private final SweepBudget budget;
        private final PendingTrials pendingTrials;
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
            this.execution = execution;
            this.requester = requester;
            this.rule = rule;
            this.budget = new SweepBudget(connection, sweepId, spec);
            this.pendingTrials = new PendingTrials(connection, sweepId);
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
            try (PreparedStatement update = connection.prepareStatement(PROMOTE)) {
                update.setInt(1, rung);
                update.setString(2, sweepId);
                update.setString(3, trialKey);
                if (update.executeUpdate() == 0) {
                    return;
                }
            }
            Optional<PendingTrials.Pending> promoted = pendingTrials.find(trialKey);
            if (promoted.isPresent()) {
                settle(promoted.get());
            }
        }

        /** First those that began before, however few further ones the budget allows. */
        void giveOut(int atMost) throws SQLException {
            room = atMost;
            giveOut(atMost, true);
            long left = budget.trialsLeft();
            allowed = left == Long.MAX_VALUE ? left : given.size() + left;
            giveOut((int) Math.min(atMost, allowed), false);
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
                List<PendingTrials.Pending> page = pendingTrials.page(after, startedOnly);
                if (page.isEmpty()) {
                    return;
                }
                for (PendingTrials.Pending trial : page) {
                    if (given.size() == atMost) {
                        return;
                    }
                    settle(trial);
                    after = trial.ordinal();
                }
            }
        }

        private void settle(PendingTrials.Pending trial) throws SQLException {
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

        private void settle(PendingTrials.Pending trial, PendingTrials.@Nullable Needed needed) throws SQLException {
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

        private static String failure(PendingTrials.Needed needed, String code) {
            return "its pre-training " + needed.runId() + " FAILED with " + code + "; see 'perdura runs show "
                    + needed.runId() + "', then submit the sweep again with --retry-failed";
        }

        private static final String OWN = "UPDATE trial SET owner = ? WHERE trial_key = ?";
        private static final String GIVE = """
                UPDATE sweep_trial
                SET state = 'ASSIGNED', execution = ?, requester = ?, started_at = coalesce(started_at, clock_timestamp())
                WHERE sweep_id = ? AND trial_key = ?
                """;

        private void own(PendingTrials.Pending trial) throws SQLException {
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
            boolean ends = closed || (given.isEmpty() && !mayGiveMore());
            return new Assigned(given, waiting, ends, pretrainings.due(room - given.size()));
        }

        /** A trial that runs may make a held one promotable. */
        private boolean mayGiveMore() throws SQLException {
            return budget.leavesPending() || (rule.holds() && budget.any("state = 'ASSIGNED'"));
        }
    }
}
