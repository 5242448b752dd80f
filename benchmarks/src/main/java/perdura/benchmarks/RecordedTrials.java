package perdura.benchmarks;

import perdura.workflows.TrialActivities.Outcome;
import java.time.Instant;
import java.util.List;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.store.Attempts;
import perdura.store.Commit;
import perdura.store.Commits;
import perdura.store.Database;
import perdura.store.SweepTrials;
import perdura.workflows.TrialActivities;
import perdura.workflows.TrialActivities.TrialInput;
import perdura.workflows.TrialActivities.TrialResult;

/** Trials that train nothing but leave all that a trial leaves in Postgres: run, attempt, commit, metrics, end. */
final class RecordedTrials implements TrialActivities {
    private final SweepTrials trials;
    private final Attempts attempts;
    private final Commits commits;

    RecordedTrials(Database database) {
        this.trials = new SweepTrials(database);
        this.attempts = new Attempts(database);
        this.commits = new Commits(database);
    }

    @Override
    public TrialResult runTrial(TrialInput trial) {
        RunId run = trials.begin(trial.sweepId(), trial.trialKey());
        long fence = attempts.claim(run, "benchmark", "none").fence();
        Instant now = Instant.now();
        commits.publish(new Commit(
                run,
                fence,
                new Position(1, 1, 1),
                "state",
                "file:///artifacts/" + run,
                "manifest",
                1,
                true,
                List.of(
                        new MetricPoint("validation/score", 0.5, 0, now),
                        new MetricPoint("best/validation/score", 0.5, 0, now),
                        new MetricPoint("test/score", 0.5, 0, now))));
        attempts.endAttempt(run, fence, "COMPLETED", null);
        trials.finished(trial.sweepId(), trial.trialKey());
        return new TrialResult(trial.trialKey(), Outcome.FINISHED);
    }
}
