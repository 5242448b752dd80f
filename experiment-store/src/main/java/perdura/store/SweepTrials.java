package perdura.store;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.LeaseState;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.ObjectiveSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.SweepStatus;

/** The life of a trial within a sweep, from the moment it is given out. Each step may be repeated. */
public record SweepTrials(Database database) {
    /** Before MLflow's description of a sweep follows a change: many trials may end at once. */
    static final Duration SOON = Duration.ofSeconds(10);

    private static final String SELECT_TRIAL = """
            SELECT t.run_id, t.owner, st.label, st.state, st.retry_failed, r.experiment, s.status AS sweep,
                   coalesce(own.status = 'RUNNING', false) AS under_way
            FROM sweep_trial st
            JOIN sweep s USING (sweep_id)
            JOIN trial t USING (trial_key)
            JOIN run r ON r.run_id = st.sweep_id
            LEFT JOIN run own ON own.run_id = t.run_id
            WHERE st.sweep_id = ? AND st.trial_key = ?
            """;
    private static final String SET_RUN = "UPDATE trial SET run_id = ? WHERE trial_key = ? AND run_id IS NULL";
    private static final String FORGET_FAILURE =
            "UPDATE sweep_trial SET retry_failed = false WHERE sweep_id = ? AND trial_key = ?";

    /**
     * A trial that was given out begins, or goes on: it has a run, which is RUNNING. One that has waited for a slot until its sweep began
     * to end is given back instead.
     *
     * @return the run; empty if the trial was given back
     * @throws PerduraException FENCED if the trial is not this sweep's to run
     */
    public Optional<RunId> begin(String sweepId, String trialKey) {
        return database.write(handle -> {
            Sweeps.lock(handle, sweepId);
            Row trial = selectOwn(handle, sweepId, trialKey);
            if (trial.mayBegin()) {
                return Optional.of(begin(handle, sweepId, trialKey, trial));
            }
            release(handle, sweepId, trialKey);
            return Optional.empty();
        });
    }

    /** A trial that is about to begin. */
    private record Row(
            @Nullable RunId runId,
            @Nullable String owner,
            String label,
            LeaseState state,
            boolean retryFailed,
            String experiment,
            SweepStatus sweep,
            boolean underWay) {
        boolean mayBegin() {
            return underWay || (sweep != SweepStatus.STOPPING && sweep != SweepStatus.CANCELLING);
        }
    }

    private static Row selectOwn(Handle handle, String sweepId, String trialKey) {
        Row trial = handle.select(SELECT_TRIAL, sweepId, trialKey)
                .mapTo(Row.class)
                .findOne()
                .orElseThrow(() -> notFound(sweepId, trialKey));
        if (!sweepId.equals(trial.owner()) || trial.state() != LeaseState.ASSIGNED) {
            throw new PerduraException(
                    ErrorCode.FENCED,
                    "trial " + trialKey + " is not sweep " + sweepId + "'s to run now; its owner is " + trial.owner());
        }
        return trial;
    }

    private static RunId begin(Handle handle, String sweepId, String trialKey, Row trial) {
        RunId runId = trial.runId() != null
                ? trial.runId()
                : TrialRuns.create(
                        handle, new TrialRuns.Begun(trialKey, new RunId(sweepId), trial.experiment(), trial.label()));
        handle.execute(SET_RUN, runId, trialKey);
        if (trial.retryFailed()) {
            Events.insert(handle, runId, "RESUMED", "sweep " + sweepId + " tries the failed trial again");
            handle.execute(FORGET_FAILURE, sweepId, trialKey);
        }
        RunRows.start(handle, runId);
        return runId;
    }

    /** The trial has run to its end; its run is FINISHED. */
    public void finished(String sweepId, String trialKey) {
        Sweeps.change(database, sweepId, handle -> {
            RunRows.finish(handle, run(handle, trialKey), RunStatus.FINISHED, null, null);
            done(handle, sweepId, trialKey);
        });
    }

    /**
     * The trial has failed for good; its run, made now if it has none, is FAILED. Nothing happens if it has ended or come back, or
     * has been given to another execution since.
     *
     * @param execution of the sweep's workflow, to which it was given
     */
    public void failed(String sweepId, String trialKey, String execution, String errorCode, String message) {
        Sweeps.change(database, sweepId, handle -> {
            if (text(handle, SELECT_GIVEN_OUT, sweepId, trialKey, execution).isPresent()) {
                failedAtOnce(handle, sweepId, trialKey, errorCode, message);
            }
        });
    }

    private static final String SELECT_GIVEN_OUT = """
            SELECT trial_key FROM sweep_trial
            WHERE sweep_id = ? AND trial_key = ? AND execution = ? AND state = 'ASSIGNED'
            """;

    /** As {@link #failed}, of a trial that is given out, under the sweep's lock. */
    static void failedAtOnce(Handle handle, String sweepId, String trialKey, String errorCode, String message) {
        RunId runId = begin(handle, sweepId, trialKey, selectOwn(handle, sweepId, trialKey));
        RunRows.finish(handle, runId, RunStatus.FAILED, errorCode, message);
        done(handle, sweepId, trialKey);
    }

    private static final String SELECT_STATE = "SELECT state FROM sweep_trial WHERE sweep_id = ? AND trial_key = ?";

    public LeaseState loadState(String sweepId, String trialKey) {
        return database.read(handle -> text(handle, SELECT_STATE, sweepId, trialKey))
                .map(LeaseState::valueOf)
                .orElseThrow(() -> notFound(sweepId, trialKey));
    }

    private static final String RELEASE = """
            UPDATE sweep_trial SET state = 'PENDING', execution = NULL, requester = NULL
            WHERE sweep_id = ? AND trial_key = ? AND state = 'ASSIGNED'
            """;
    private static final String DISOWN = "UPDATE trial SET owner = NULL WHERE owner = ? AND trial_key = ?";

    /** The trial was interrupted, with all it did committed: anybody may take it up. */
    public void released(String sweepId, String trialKey) {
        Sweeps.change(database, sweepId, handle -> release(handle, sweepId, trialKey));
    }

    private static void release(Handle handle, String sweepId, String trialKey) {
        if (handle.execute(RELEASE, sweepId, trialKey) > 0) {
            await(handle, trialKey);
        }
        handle.execute(DISOWN, sweepId, trialKey);
    }

    private static final String GIVE_BACK = """
            UPDATE sweep_trial SET state = 'PENDING', execution = NULL, requester = NULL
            WHERE sweep_id = ? AND trial_key = ANY (?) AND execution = ? AND state = 'ASSIGNED'
            RETURNING trial_key
            """;
    private static final String DISOWN_ALL = "UPDATE trial SET owner = NULL WHERE owner = ? AND trial_key = ANY (?)";

    /** Takes trials back that were given to this execution and of which nothing runs; others are left alone. */
    public void givenBack(String sweepId, Collection<String> trialKeys, String execution) {
        Sweeps.change(database, sweepId, handle -> {
            List<String> back = handle.select(GIVE_BACK, sweepId, trialKeys.toArray(String[]::new), execution)
                    .mapTo(String.class)
                    .list();
            back.forEach(trialKey -> await(handle, trialKey));
            handle.execute(DISOWN_ALL, sweepId, back.toArray(String[]::new));
        });
    }

    private static void await(Handle handle, String trialKey) {
        text(handle, SELECT_RUN, trialKey).ifPresent(runId -> RunRows.await(handle, new RunId(runId)));
    }

    private static final String HOLD = """
            UPDATE sweep_trial SET state = 'HELD', execution = NULL, requester = NULL
            WHERE sweep_id = ? AND trial_key = ? AND state = 'ASSIGNED'
            """;
    private static final String INSERT_RESULT = """
            INSERT INTO rung_result (sweep_id, trial_key, rung, epochs, best, mean)
            SELECT st.sweep_id, st.trial_key, st.rung, ?,
                   CASE s.goal WHEN 'MAX' THEN max(m.value) ELSE min(m.value) END, avg(m.value)
            FROM sweep_trial st
            JOIN sweep s USING (sweep_id)
            JOIN trial t USING (trial_key)
            LEFT JOIN metric m ON m.run_id = t.run_id AND m.key = 'validation/' || s.objective AND m.value <> 'NaN'
            WHERE st.sweep_id = ? AND st.trial_key = ? AND st.state = 'ASSIGNED'
            GROUP BY st.sweep_id, st.trial_key, st.rung, s.goal
            ON CONFLICT DO NOTHING
            """;

    /**
     * The trial has come to a rung, with all it did committed, and waits there with its checkpoint.
     *
     * @param epochs that it has done
     */
    public void held(String sweepId, String trialKey, int epochs) {
        Sweeps.change(database, sweepId, handle -> {
            handle.execute(INSERT_RESULT, epochs, sweepId, trialKey);
            if (handle.execute(HOLD, sweepId, trialKey) > 0) {
                await(handle, trialKey);
            }
        });
    }

    private static final String DONE = """
            UPDATE sweep_trial st
            SET state = 'DONE', execution = NULL, requester = NULL, retry_failed = false, value = (
                SELECT m.value FROM trial t
                JOIN run r ON r.run_id = t.run_id AND r.status = 'FINISHED'
                JOIN sweep s ON s.sweep_id = st.sweep_id
                JOIN metric m ON m.run_id = t.run_id AND m.key = 'best/validation/' || s.objective
                WHERE t.trial_key = st.trial_key ORDER BY m.step DESC LIMIT 1)
            WHERE st.sweep_id = ? AND st.trial_key = ? AND st.state <> 'DONE'
            RETURNING st.value
            """;
    private static final String COUNT = """
            UPDATE sweep SET ended_trials = ended_trials + 1 WHERE sweep_id = ?
            RETURNING ended_trials, best_value, goal, objective
            """;
    private static final String SET_BEST = "UPDATE sweep SET best_value = ?, best_trial = ? WHERE sweep_id = ?";

    /** What DONE and COUNT return. */
    private record Done(@Nullable Double value) {}

    private record Counted(long endedTrials, @Nullable Double bestValue, ObjectiveSpec.Goal goal, String objective) {}

    /** Counts the trial, whose run has ended, under the sweep's lock; false if it was counted before. */
    static boolean done(Handle handle, String sweepId, String trialKey) {
        Optional<Done> done =
                handle.select(DONE, sweepId, trialKey).mapTo(Done.class).findOne();
        if (done.isEmpty()) {
            return false;
        }
        Double value = done.get().value();
        handle.execute(DISOWN, sweepId, trialKey);
        Counted counted = handle.select(COUNT, sweepId).mapTo(Counted.class).one();
        Double best = counted.bestValue();
        if (isBetter(value, best, counted.goal())) {
            handle.execute(SET_BEST, value, trialKey, sweepId);
            best = value;
        }
        recordPoints(handle, new RunId(sweepId), counted.endedTrials(), counted.objective(), best);
        OutboxRows.addNote(handle, new RunId(sweepId), SOON);
        return true;
    }

    private static boolean isBetter(@Nullable Double value, @Nullable Double best, ObjectiveSpec.Goal goal) {
        if (value == null || value.isNaN()) {
            return false;
        }
        return best == null || (goal == ObjectiveSpec.Goal.MAX ? value > best : value < best);
    }

    /** Points of the sweep's own run, by which MLflow can chart it. */
    private static void recordPoints(Handle handle, RunId sweep, long ended, String objective, @Nullable Double best) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        List<MetricPoint> points = new ArrayList<>();
        points.add(new MetricPoint("sweep/ended_trials", ended, ended, now));
        if (best != null) {
            points.add(new MetricPoint("sweep/best/" + objective, best, ended, now));
        }
        Metrics.insert(handle, sweep, ended, points);
        OutboxRows.addMetrics(handle, sweep, ended, points);
    }

    private static final String SELECT_RUN = "SELECT run_id FROM trial WHERE trial_key = ?";

    private static RunId run(Handle handle, String trialKey) {
        return text(handle, SELECT_RUN, trialKey)
                .map(RunId::new)
                .orElseThrow(() -> new PerduraException(ErrorCode.NOT_FOUND, "trial " + trialKey + " has no run"));
    }

    private static Optional<String> text(Handle handle, String sql, Object... arguments) {
        return handle.select(sql, arguments).mapTo(String.class).findOne();
    }

    private static PerduraException notFound(String sweepId, String trialKey) {
        return new PerduraException(
                ErrorCode.NOT_FOUND, "sweep " + sweepId + " has no trial " + trialKey + " in the store");
    }
}
