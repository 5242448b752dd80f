package perdura.store;

import java.time.Duration;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.EnumWord;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.LeaseState;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepStatus;
import perdura.store.Sweeps.NewTrial;

/** How a sweep is steered, from its submission to its end. Each step is a transaction under the sweep's lock. */
public record SweepControl(Database database) {
    private static final String EXTEND = """
            UPDATE sweep
            SET fingerprint = ?, spec = ?::json, status = CASE WHEN ended_at IS NULL THEN status ELSE 'RUNNING' END,
                reason = NULL, ended_at = NULL
            WHERE sweep_id = ?
            """;

    /**
     * Adds those of the trials that the sweep lacks, after its own. If it has ended, it is RUNNING again.
     *
     * @param tags of the sweep's run, with the words of the new spec
     * @return how many were added
     */
    public long extend(String sweepId, Sweeps.NewSweep sweep, Map<String, String> tags, Iterator<NewTrial> trials) {
        return database.write(handle -> {
            Sweeps.lockSubmissions(handle);
            Sweeps.lock(handle, sweepId);
            handle.execute(EXTEND, sweep.fingerprint(), sweep.json(), sweepId);
            RunRows.reopen(handle, new RunId(sweepId));
            RunRows.setTags(handle, new RunId(sweepId), tags);
            OutboxRows.addNote(handle, new RunId(sweepId), SweepTrials.SOON);
            return TrialRows.insert(handle, sweepId, TrialRows.nextOrdinal(handle, sweepId), trials);
        });
    }

    private static final String REOPEN = """
            UPDATE sweep SET status = 'RUNNING', reason = NULL, ended_at = NULL
            WHERE sweep_id = ? AND ended_at IS NOT NULL
            """;
    private static final String RETRY_FAILED = """
            UPDATE sweep_trial st SET state = 'PENDING', retry_failed = true
            FROM trial t JOIN run r ON r.run_id = t.run_id
            WHERE st.sweep_id = ? AND t.trial_key = st.trial_key AND st.state IN ('PENDING', 'DONE') AND r.status = 'FAILED'
            """;
    private static final String UNCOUNT = "UPDATE sweep SET ended_trials = (SELECT count(*) FROM sweep_trial st"
            + " WHERE st.sweep_id = sweep.sweep_id AND st.state = 'DONE') WHERE sweep_id = ?";

    /** Takes a sweep that has ended up again; what is left of it runs. */
    public void reopen(String sweepId) {
        Sweeps.change(database, sweepId, handle -> {
            if (handle.execute(REOPEN, sweepId) > 0) {
                RunRows.reopen(handle, new RunId(sweepId));
                OutboxRows.addNote(handle, new RunId(sweepId), SweepTrials.SOON);
            }
        });
    }

    /**
     * Why a sweep that is taken up again would end at once: what its spec allows it is spent, or a trial of it has failed that it does
     * not outlive.
     *
     * @param spec with which it would go on
     */
    public Optional<String> findSpent(String sweepId, SweepSpec spec) {
        return database.read(handle -> new SweepBudget(handle, sweepId, spec).findSpent());
    }

    /** Has those trials run again that failed, under this sweep or another one. */
    public void retryFailed(String sweepId) {
        Sweeps.change(database, sweepId, handle -> {
            handle.execute(RETRY_FAILED, sweepId);
            handle.execute(UNCOUNT, sweepId);
        });
    }

    private static final String FAILED_NEEDS = """
            SELECT DISTINCT t.needs
            FROM sweep_trial st JOIN trial t USING (trial_key) JOIN run r ON r.run_id = t.needs
            WHERE st.sweep_id = ? AND r.status = 'FAILED'
            ORDER BY t.needs
            """;

    /** The pre-trainings that failed and that trials of the sweep need. */
    public List<RunId> listFailedPretrainings(String sweepId) {
        return database.list(RunId.class, FAILED_NEEDS, sweepId);
    }

    private static final String ORPHANS = """
            SELECT DISTINCT t.needs
            FROM sweep_trial st JOIN trial t USING (trial_key) JOIN run r ON r.run_id = t.needs
            WHERE st.sweep_id = ? AND r.status IN ('SCHEDULED', 'RUNNING') AND NOT EXISTS (
                SELECT FROM sweep_trial other JOIN trial o USING (trial_key) JOIN sweep s ON s.sweep_id = other.sweep_id
                WHERE o.needs = t.needs AND other.sweep_id <> st.sweep_id AND s.ended_at IS NULL
                  AND other.state IN ('PENDING', 'ASSIGNED'))
            ORDER BY t.needs
            """;

    /** The pre-trainings that have not ended and that no other sweep under way waits for. */
    public List<RunId> listOwnPretrainings(String sweepId) {
        return database.list(RunId.class, ORPHANS, sweepId);
    }

    private static final String MOVE = """
            UPDATE sweep SET status = ? WHERE sweep_id = ?
            """;

    /**
     * Steers a sweep.
     *
     * @param from statuses from which this is allowed
     * @throws PerduraException INVALID_SPEC if it has another status
     */
    public void move(String sweepId, Collection<SweepStatus> from, SweepStatus to) {
        Sweeps.change(database, sweepId, handle -> {
            SweepStatus now = Sweeps.lock(handle, sweepId);
            if (now != to && !from.contains(now)) {
                throw new PerduraException(
                        ErrorCode.INVALID_SPEC, "sweep " + sweepId + " is " + now + "; it must be one of " + from);
            }
            if (now != to) {
                move(handle, sweepId, now, to);
            }
        });
    }

    /** As {@link #move}, for the sweep's workflow: where somebody has steered the sweep elsewhere meanwhile, that stays. */
    public void follow(String sweepId, SweepStatus to) {
        Sweeps.change(database, sweepId, handle -> {
            SweepStatus now = Sweeps.lock(handle, sweepId);
            if (to.before().contains(now)) {
                move(handle, sweepId, now, to);
            }
        });
    }

    private static void move(Handle handle, String sweepId, SweepStatus from, SweepStatus to) {
        handle.execute(MOVE, to, sweepId);
        Events.insert(handle, new RunId(sweepId), "SWEEP_" + to, "was " + from);
        RunRows.pause(handle, new RunId(sweepId), to == SweepStatus.PAUSED);
    }

    /** Seconds of the wall time that its budget leaves the sweep, not counting pauses; null: no limit. */
    public @Nullable Long findSecondsLeft(String sweepId, SweepSpec spec) {
        return database.read(handle -> Optional.ofNullable(new SweepBudget(handle, sweepId, spec).secondsLeft()))
                .orElse(null);
    }

    /** The sweep's workflow has taken it up, as whatever it is. */
    public void opened(String sweepId) {
        Sweeps.change(database, sweepId, handle -> {
            if (!Sweeps.lock(handle, sweepId).isTerminal()) {
                RunRows.start(handle, new RunId(sweepId));
            }
        });
    }

    private static final String STOP = """
            UPDATE sweep SET status = 'STOPPING', reason = coalesce(reason, ?)
            WHERE sweep_id = ? AND status IN ('RUNNING', 'PAUSED')
            """;

    /** Stops a sweep that nobody stops by hand; one that is not under way is left alone. */
    public void stop(String sweepId, String reason) {
        database.write(handle -> {
            SweepStatus now = Sweeps.lock(handle, sweepId);
            if (handle.execute(STOP, reason, sweepId) == 0) {
                return false;
            }
            Events.insert(handle, new RunId(sweepId), "SWEEP_" + SweepStatus.STOPPING, "was " + now + "; " + reason);
            return true;
        });
    }

    private static final String KILL = """
            SELECT t.run_id, st.state, max(rr.epochs) AS epochs
            FROM sweep_trial st
            JOIN trial t USING (trial_key)
            JOIN run r ON r.run_id = t.run_id
            LEFT JOIN rung_result rr ON rr.sweep_id = st.sweep_id AND rr.trial_key = st.trial_key
            WHERE st.sweep_id = ? AND st.state <> 'DONE' AND st.started_at IS NOT NULL
              AND r.status IN ('SCHEDULED', 'RUNNING') AND (t.owner IS NULL OR t.owner = st.sweep_id)
            GROUP BY t.run_id, st.state
            """;
    private static final String GIVE_BACK = """
            UPDATE sweep_trial SET state = 'PENDING', execution = NULL, requester = NULL
            WHERE sweep_id = ? AND state = 'ASSIGNED'
            """;
    private static final String DISOWN = "UPDATE trial SET owner = NULL WHERE owner = ?";
    private static final String END = "UPDATE sweep SET status = ?, reason = ?, ended_at = now() WHERE sweep_id = ?";
    private static final String COUNT_LEFT =
            "SELECT count(*) FROM sweep_trial WHERE sweep_id = ? AND state IN ('PENDING', 'ASSIGNED')";
    private static final String SELECT_REASON = "SELECT reason FROM sweep WHERE sweep_id = ?";

    /**
     * Ends a sweep, of which nothing runs any more: FINISHED, if nothing is left of it. Runs that have begun and not ended
     * are KILLED; their checkpoints stay, and anybody may take them up.
     *
     * @param fault of the platform that ended it; null for none
     */
    public SweepStatus end(String sweepId, @Nullable String fault) {
        return database.write(handle -> {
            SweepStatus before = Sweeps.lock(handle, sweepId);
            return before.isTerminal() ? before : end(handle, sweepId, before, fault);
        });
    }

    /**
     * As {@link #end}, unless the sweep is RUNNING and may give out more: trials that were added, or given back, since somebody
     * found that there was nothing.
     */
    public SweepStatus endIfDone(String sweepId) {
        return database.write(handle -> {
            SweepStatus before = Sweeps.lock(handle, sweepId);
            boolean mayGiveMore =
                    before == SweepStatus.RUNNING && reason(handle, sweepId) == null && countLeft(handle, sweepId) > 0;
            return before.isTerminal() || mayGiveMore ? before : end(handle, sweepId, before, null);
        });
    }

    private static SweepStatus end(Handle handle, String sweepId, SweepStatus before, @Nullable String fault) {
        killRest(handle, sweepId);
        handle.execute(GIVE_BACK, sweepId);
        handle.execute(DISOWN, sweepId);
        String reason = fault == null ? reason(handle, sweepId) : fault;
        SweepStatus status = ending(handle, sweepId, before, fault != null);
        handle.execute(END, status, status == SweepStatus.FINISHED ? null : reason, sweepId);
        RunStatus runStatus = switch (status) {
            case FINISHED -> RunStatus.FINISHED;
            case FAILED -> RunStatus.FAILED;
            default -> RunStatus.KILLED;
        };
        String message = runStatus == RunStatus.KILLED && reason == null ? "it was " + EnumWord.of(status) : reason;
        RunRows.finish(
                handle,
                new RunId(sweepId),
                runStatus,
                fault == null ? null : ErrorCode.INTERNAL.name(),
                runStatus == RunStatus.FINISHED ? null : message);
        OutboxRows.addNote(handle, new RunId(sweepId), Duration.ZERO);
        return status;
    }

    private static SweepStatus ending(Handle handle, String sweepId, SweepStatus before, boolean isFault) {
        if (isFault) {
            return SweepStatus.FAILED;
        }
        if (before == SweepStatus.CANCELLING) {
            return SweepStatus.CANCELLED;
        }
        return countLeft(handle, sweepId) == 0 ? SweepStatus.FINISHED : SweepStatus.STOPPED;
    }

    private static long countLeft(Handle handle, String sweepId) {
        return SweepBudget.count(handle, COUNT_LEFT, sweepId);
    }

    private static @Nullable String reason(Handle handle, String sweepId) {
        return handle.select(SELECT_REASON, sweepId).mapTo(String.class).one();
    }

    /** A trial that has begun and not ended. */
    private record Begun(RunId runId, LeaseState state, int epochs) {}

    private static void killRest(Handle handle, String sweepId) {
        for (Begun trial : handle.select(KILL, sweepId).mapTo(Begun.class).list()) {
            String message = trial.state() == LeaseState.HELD
                    ? "early stopping ended it after epoch " + trial.epochs() + "; its checkpoint is kept"
                    : "sweep " + sweepId + " ended before it";
            RunRows.finish(handle, trial.runId(), RunStatus.KILLED, null, message);
        }
    }

    private static final String SET_LIMITS =
            "UPDATE sweep SET concurrency = coalesce(?, concurrency), priority = coalesce(?, priority) WHERE sweep_id = ?";

    /** Changes how many trials run at once (0: as many as there are free slots), and how urgent they are; null: as before. */
    public void setLimits(String sweepId, @Nullable Integer concurrency, @Nullable Integer priority) {
        Sweeps.change(database, sweepId, handle -> handle.execute(SET_LIMITS, concurrency, priority, sweepId));
    }
}
