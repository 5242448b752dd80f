package perdura.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Advice;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.StoppingRule;
import perdura.grids.spec.StoppingRule.RungDecision;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepStatus;

/**
 * Gives the trials of a sweep out, each to one shard at a time, and none that another sweep runs. One transaction under the
 * sweep's lock.
 */
public record TrialLeases(Database database) {
    /**
     * What a shard of a sweep is given.
     *
     * @param trials to be run now, each up to an epoch (null: to its end)
     * @param waiting of the pending ones, trials that another sweep runs, or whose pre-training is not finished
     * @param closed whether no further one will be given out, to this shard or another
     * @param pretrainings that pending trials wait for, and whose workflows must run now; one that runs may be started again
     */
    public record Leased(List<Lease> trials, long waiting, boolean closed, List<RunId> pretrainings) {
        public Leased {
            trials = List.copyOf(trials);
            pretrainings = List.copyOf(pretrainings);
        }
    }

    /** A trial, and the epoch at whose end it waits. */
    public record Lease(String trialKey, @Nullable Integer untilEpoch) {}

    /**
     * The next trials of a sweep. Asked again by the same requester, for instance as its answer was lost, it gives the same
     * ones.
     *
     * @param spec of the sweep
     * @param replicates paths of the parameters whose values repeat a point, as seeds do
     * @param execution of the sweep's workflow; what another one had is given out again
     * @param requester one question of one shard
     */
    public Leased lease(
            String sweepId, SweepSpec spec, List<String> replicates, String execution, String requester, int atMost) {
        StoppingRule rule =
                new StoppingRule(spec.earlyStopping(), spec.objective().goal());
        return database.write(handle -> {
            SweepStatus status = Sweeps.lock(handle, sweepId);
            handle.execute(TAKE_BACK, sweepId, execution);
            Turn turn = new Turn(handle, sweepId, spec, replicates, execution, requester, rule);
            turn.repeat();
            if (status == SweepStatus.PAUSED) {
                return turn.answer(false);
            }
            if (status != SweepStatus.RUNNING || turn.budget.isSpent()) {
                return turn.answer(true);
            }
            turn.promote(atMost);
            turn.giveOut(atMost);
            turn.letTheBestGoOn();
            return turn.answer(false);
        });
    }

    private static final String TAKE_BACK = """
            UPDATE sweep_trial SET state = 'PENDING', execution = NULL, requester = NULL
            WHERE sweep_id = ? AND state = 'ASSIGNED' AND execution <> ?
            """;

    /** One call. */
    private static final class Turn {
        private final Handle handle;
        private final String sweepId;
        private final List<String> replicates;
        private final String execution;
        private final String requester;
        private final StoppingRule rule;
        private final SweepBudget budget;
        private final PendingTrials pendingTrials;
        /** The pre-trainings that pending trials wait for, in the order of these trials. */
        private final Map<RunId, RunStatus> waitedFor = new LinkedHashMap<>();

        private final List<Lease> given = new ArrayList<>();
        private long waiting;
        /** Of those that wait, trials whose pre-training the budget allows to start. */
        private long awaited;
        /** Trials that the budget allows to be given out, or to have their pre-training started. */
        private long allowed = Long.MAX_VALUE;
        /** Pre-trainings and trials for which the one who asks has room. */
        private int room;

        Turn(
                Handle handle,
                String sweepId,
                SweepSpec spec,
                List<String> replicates,
                String execution,
                String requester,
                StoppingRule rule) {
            this.replicates = replicates;
            this.handle = handle;
            this.sweepId = sweepId;
            this.execution = execution;
            this.requester = requester;
            this.rule = rule;
            this.budget = new SweepBudget(handle, sweepId, spec);
            this.pendingTrials = new PendingTrials(handle, sweepId);
        }

        private static final String SELECT_GIVEN = """
                SELECT trial_key, rung FROM sweep_trial
                WHERE sweep_id = ? AND state = 'ASSIGNED' AND execution = ? AND requester = ?
                ORDER BY ordinal
                """;

        private record Given(String trialKey, int rung) {}

        /** What this question was answered before. */
        void repeat() {
            handle.select(SELECT_GIVEN, sweepId, execution, requester)
                    .mapTo(Given.class)
                    .forEach(one -> given.add(leaseOf(one.trialKey(), one.rung())));
        }

        private Lease leaseOf(String trialKey, int rung) {
            OptionalInt epochs = rule.epochs(rung);
            return new Lease(trialKey, epochs.isPresent() ? (Integer) epochs.getAsInt() : null);
        }

        private static final String PROMOTE = """
                UPDATE sweep_trial SET state = 'PENDING', rung = ? WHERE sweep_id = ? AND trial_key = ? AND state = 'HELD'
                """;

        /** Lets those held trials go on that early stopping lets go on. */
        void promote(int atMost) {
            if (!rule.holds()) {
                return;
            }
            RungTable rungs = new RungTable(handle, sweepId, replicates, budget.trialsLeft() > 0);
            while (given.size() < atMost) {
                Optional<RungDecision> decision = rule.next(rungs.results(), rungs.decisions(), rungs.peers());
                if (decision.isEmpty()) {
                    return;
                }
                rungs.record(decision.get());
                if (decision.get().kind() == RungDecision.Kind.PROMOTE) {
                    promote(decision.get().trialKey(), decision.get().rung() + 1);
                }
            }
        }

        private static final String COUNT_TESTED = """
                SELECT count(*) FROM sweep_trial st JOIN trial t USING (trial_key) JOIN run r ON r.run_id = t.run_id
                WHERE st.sweep_id = ? AND st.state = 'DONE' AND r.status = 'FINISHED'
                """;

        /** A sweep of which nothing else can start does not end without a tested trial. */
        void letTheBestGoOn() {
            if (!rule.holds() || !given.isEmpty() || waiting > 0 || mayGiveMore()) {
                return;
            }
            if (SweepBudget.count(handle, COUNT_TESTED, sweepId) == 0) {
                RungTable rungs = new RungTable(handle, sweepId, replicates, budget.trialsLeft() > 0);
                rule.best(rungs.results(), rungs.decisions(), rungs.peers()).ifPresent(decision -> {
                    rungs.record(decision);
                    promote(decision.trialKey(), decision.rung() + 1);
                });
            }
        }

        private void promote(String trialKey, int rung) {
            if (handle.execute(PROMOTE, rung, sweepId, trialKey) == 0) {
                return;
            }
            Optional<PendingTrials.Pending> promoted = pendingTrials.find(trialKey);
            if (promoted.isPresent()) {
                settle(promoted.get());
            }
        }

        /** First those that began before, however few further ones the budget allows. */
        void giveOut(int atMost) {
            room = atMost;
            giveOut(atMost, true);
            long left = budget.trialsLeft();
            allowed = left == Long.MAX_VALUE ? left : given.size() + left;
            giveOut((int) Math.min(atMost, allowed), false);
        }

        private void giveOut(int atMost, boolean startedOnly) {
            if (given.size() >= atMost) {
                return; // what waits is known from the first look
            }
            long after = -1;
            waiting = 0;
            awaited = 0;
            waitedFor.clear();
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

        private void settle(PendingTrials.Pending trial) {
            boolean hasEnded = trial.runStatus() == RunStatus.FINISHED
                    || (trial.runStatus() == RunStatus.FAILED && !trial.retryFailed());
            if (hasEnded) {
                SweepTrials.done(handle, sweepId, trial.trialKey());
            } else if (trial.owner() != null && !trial.owner().equals(sweepId)) {
                waiting++;
            } else {
                settle(trial, trial.needed());
            }
        }

        private void settle(PendingTrials.Pending trial, PendingTrials.@Nullable Needed needed) {
            if (needed == null || needed.status() == RunStatus.FINISHED) {
                own(trial);
                given.add(leaseOf(trial.trialKey(), trial.rung()));
            } else if (needed.status() == RunStatus.FAILED) {
                own(trial);
                String code = Objects.requireNonNullElse(needed.errorCode(), ErrorCode.INTERNAL.name());
                SweepTrials.failedAtOnce(handle, sweepId, trial.trialKey(), code, failure(needed, code));
            } else {
                waiting++;
                if (given.size() + awaited < allowed) {
                    awaited++;
                    waitedFor.put(needed.runId(), needed.status());
                }
            }
        }

        private String failure(PendingTrials.Needed needed, String code) {
            return "its pre-training " + needed.runId() + " FAILED with " + code + "; see "
                    + Advice.RUNS_SHOW.in(needed.runId()) + ", then " + Advice.SWEEP_RETRY.in(sweepId);
        }

        private static final String OWN = "UPDATE trial SET owner = ? WHERE trial_key = ?";
        private static final String GIVE = """
                UPDATE sweep_trial
                SET state = 'ASSIGNED', execution = ?, requester = ?, started_at = coalesce(started_at, clock_timestamp())
                WHERE sweep_id = ? AND trial_key = ?
                """;

        private void own(PendingTrials.Pending trial) {
            handle.execute(OWN, sweepId, trial.trialKey());
            handle.execute(GIVE, execution, requester, sweepId, trial.trialKey());
        }

        Leased answer(boolean closed) {
            boolean ends = closed || (given.isEmpty() && !mayGiveMore());
            return new Leased(given, waiting, ends, due(room - given.size()));
        }

        /** A trial that runs may make a held one promotable. */
        private boolean mayGiveMore() {
            return budget.leavesPending() || (rule.holds() && budget.any("state = 'ASSIGNED'"));
        }

        /**
         * The pre-trainings that must run now: all that do, so that one whose workflow is lost goes on, and further ones as far as there is
         * room.
         *
         * @param room pre-trainings and trials that the one who asks may still have at once
         */
        private List<RunId> due(int room) {
            List<RunId> running = waitedFor.keySet().stream()
                    .filter(runId -> waitedFor.get(runId) == RunStatus.RUNNING)
                    .toList();
            List<RunId> further = waitedFor.keySet().stream()
                    .filter(runId -> !running.contains(runId))
                    .limit(Math.max(0, room - running.size()))
                    .toList();
            return Stream.concat(running.stream(), further.stream()).toList();
        }
    }
}
