package perdura.workflows;

import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TimeoutFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import perdura.workflows.SweepActivities.TrialEnd;
import perdura.workflows.TrialActivities.TrialInput;
import perdura.workflows.TrialActivities.TrialResult;

/** The trials of a shard that run now, and those that have ended in a way that the store does not know yet. */
final class RunningTrials {
    private final String execution;
    private final Map<String, CancellationScope> running = new LinkedHashMap<>();
    private final Queue<TrialEnd> failed = new ArrayDeque<>();
    private final List<String> returned = new ArrayList<>();
    private int started;
    private int finished;
    private int held;
    private int released;
    private int failures;

    /** @param execution of the sweep's workflow */
    RunningTrials(String execution) {
        this.execution = execution;
    }

    /** Starts a trial as an activity. */
    void start(TrialActivities slots, TrialInput trial) {
        CancellationScope scope = Workflow.newCancellationScope(
                () -> Async.function(slots::runTrial, trial).handle((result, failure) -> {
                    end(trial, result, failure);
                    return true;
                }));
        running.put(trial.trialKey(), scope);
        started++;
        scope.run();
    }

    /** Asks all to commit at their next step boundary; those that no slot has taken come back at once. */
    void callBack() {
        for (CancellationScope scope : List.copyOf(running.values())) {
            if (!scope.isCancelRequested()) {
                scope.cancel("called back");
            }
        }
    }

    /** Trials that take room: those that run, and those that the store does not know to have ended. */
    int size() {
        return running.size() + failed.size() + returned.size();
    }

    int started() {
        return started;
    }

    /** How many have ended, in any way. */
    int ended() {
        return started - running.size();
    }

    /** Whether the store must be told of some. */
    boolean hasUntold() {
        return !failed.isEmpty() || !returned.isEmpty();
    }

    /** The next trial whose failure the store must be told of, or null. */
    @Nullable
    TrialEnd pollFailed() {
        return failed.poll();
    }

    /** Takes out the trials that came back without an attempt which could say so. */
    List<String> takeReturned() {
        List<String> taken = List.copyOf(returned);
        returned.clear();
        return taken;
    }

    ShardWorkflow.Result result(ShardWorkflow.Reason reason) {
        return new ShardWorkflow.Result(reason, started, finished, held, released, failures);
    }

    private void end(TrialInput trial, @Nullable TrialResult result, @Nullable RuntimeException failure) {
        CancellationScope scope = Objects.requireNonNull(running.remove(trial.trialKey()));
        if (result == null) {
            fail(trial, Objects.requireNonNull(failure), scope.isCancelRequested());
            return;
        }
        switch (result.outcome()) {
            case FINISHED -> finished++;
            case HELD -> held++;
            case RELEASED -> released++;
        }
    }

    private void fail(TrialInput trial, RuntimeException failure, boolean calledBack) {
        Throwable cause = failure instanceof ActivityFailure ? failure.getCause() : failure;
        if (isGivenBack(cause, false) || (isGivenBack(cause, calledBack) && mayBeGivenBack())) {
            released++;
            returned.add(trial.trialKey());
            return;
        }
        failures++;
        if (cause instanceof ApplicationFailure known) {
            String message = Objects.requireNonNullElse(known.getOriginalMessage(), "");
            failed.add(new TrialEnd(trial.sweepId(), execution, trial.trialKey(), known.getType(), message));
        } else {
            failed.add(new TrialEnd(trial.sweepId(), execution, trial.trialKey(), "INTERNAL", String.valueOf(cause)));
        }
    }

    /**
     * Whether a trial ends without a result of its own: it was cancelled, another attempt has it, or it was called back, and its attempt
     * ended in a way after which another one would have followed, which the service starts for no trial that was called back.
     */
    static boolean isGivenBack(@Nullable Throwable cause, boolean calledBack) {
        boolean isLost = cause instanceof TimeoutFailure
                || (cause instanceof ApplicationFailure known && !known.isNonRetryable());
        return cause instanceof CanceledFailure || isFenced(cause) || (calledBack && isLost);
    }

    /** False while a history is replayed in which such a trial counted as failed. */
    private static boolean mayBeGivenBack() {
        return Workflow.getVersion("give-lost-trials-back", Workflow.DEFAULT_VERSION, 1) >= 1;
    }

    /** Whether another attempt has the trial: no result of it, and perhaps that of another execution. */
    private static boolean isFenced(@Nullable Throwable cause) {
        return cause instanceof ApplicationFailure known && "FENCED".equals(known.getType());
    }
}
