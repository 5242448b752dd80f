package perdura.activities.gpu;

import io.temporal.failure.ApplicationFailure;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.activities.gpu.FailureRule.MostFailures;
import perdura.activities.gpu.TrainSlot.SegmentOutcome;
import perdura.activities.gpu.TrainSlot.TrainUntil;
import perdura.grids.read.ResolvedTrialJson;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.store.SweepTrials;
import perdura.workflows.TrialActivities;
import perdura.workflows.TrialActivities.Outcome;
import perdura.workflows.TrialActivities.TrialInput;
import perdura.workflows.TrialActivities.TrialResult;

/** Runs trials, and writes into the store how each ended that did not fail. */
public record TrialActivitiesImpl(TrainSlot slot, SweepTrials trials, RunStore store) implements TrialActivities {
    @Override
    public TrialResult runTrial(TrialInput input) {
        return slot.hold(trainer -> new TrialResult(input.trialKey(), run(input, trainer)));
    }

    private Outcome run(TrialInput input, TrainSlot.Trainer trainer) {
        Outcome ended = endedBefore(input);
        if (ended != null) {
            return ended;
        }
        Optional<RunId> begun = trials.begin(input.sweepId(), input.trialKey());
        if (begun.isEmpty()) {
            return Outcome.RELEASED;
        }
        RunId runId = begun.get();
        Integer epoch = input.untilEpoch();
        SegmentOutcome part;
        try {
            part = trainer.train(runId, epoch == null ? job -> Long.MAX_VALUE : TrainUntil.epoch(epoch), null);
        } catch (PerduraException e) {
            throw failure(runId, e);
        }
        return end(input, part);
    }

    /** How an attempt before this one ended the trial, whose answer the service never got; null if none has. */
    private @Nullable Outcome endedBefore(TrialInput input) {
        return switch (trials.loadState(input.sweepId(), input.trialKey())) {
            case DONE -> Outcome.FINISHED;
            case HELD -> Outcome.HELD;
            case PENDING -> Outcome.RELEASED;
            case ASSIGNED -> null;
        };
    }

    private Outcome end(TrialInput input, SegmentOutcome part) {
        if (store.runs().loadRun(part.runId()).binding().fence() != part.fence()) {
            throw new PerduraException(
                    ErrorCode.FENCED, "attempt " + part.fence() + " of " + part.runId() + " is no longer the newest");
        }
        if (part.cancelled()) {
            trials.released(input.sweepId(), input.trialKey());
            return Outcome.RELEASED;
        }
        if (part.isAtEnd()) {
            trials.finished(input.sweepId(), input.trialKey());
            return Outcome.FINISHED;
        }
        trials.held(input.sweepId(), input.trialKey(), part.position().epoch());
        return Outcome.HELD;
    }

    /**
     * What the service is told. An attempt that another one has replaced may be repeated: the service takes the answer of the
     * newest one only. What can heal is repeated as often as the trial's spec says.
     */
    private RuntimeException failure(RunId runId, PerduraException e) {
        if (e.code() == ErrorCode.FENCED) {
            return ApplicationFailure.newFailure(e.getMessage(), e.code().name());
        }
        boolean counts = e.code().isRetryable() && e.code() != ErrorCode.PREEMPTED;
        int most = ResolvedTrialJson.read(store.runs().loadRun(runId).identity().spec())
                .retry()
                .attempts();
        if (counts && new MostFailures(most).isSpent(store.attempts(), runId)) {
            return ApplicationFailure.newNonRetryableFailure(
                    e.getMessage(), e.code().name());
        }
        return e;
    }
}
