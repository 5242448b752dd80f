package perdura.workflows;

import io.temporal.activity.ActivityCancellationType;
import io.temporal.activity.ActivityOptions;
import io.temporal.activity.LocalActivityOptions;
import io.temporal.common.Priority;
import io.temporal.common.RetryOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.workflow.Functions.Func;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.Objects;
import perdura.workflows.SweepActivities.AssignedTrials;
import perdura.workflows.SweepActivities.TrialEnd;
import perdura.workflows.SweepActivities.TrialRelease;
import perdura.workflows.SweepActivities.TrialRequest;

/** How a sweep and its shards call their activities: queues, time-outs, retries, priorities. */
final class SweepActivityStubs {
    /** Longest name of a fair share that the service takes. */
    private static final int FAIRNESS_KEY_LENGTH = 64;

    private static final Duration SHORTEST_BACKOFF = Duration.ofMillis(100);
    private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(10);

    private final Duration heartbeat;
    private final SweepActivities near;
    private final SweepActivities far;

    SweepActivityStubs(ActivityTimeouts timeouts) {
        this.heartbeat = timeouts.heartbeat();
        this.near = Workflow.newLocalActivityStub(
                SweepActivities.class,
                LocalActivityOptions.newBuilder()
                        // A few statements. Shorter than a workflow task, which it must not outlast.
                        .setScheduleToCloseTimeout(Duration.ofSeconds(5))
                        .setRetryOptions(
                                RetryOptions.newBuilder().setMaximumAttempts(1).build())
                        .setDoNotIncludeArgumentsIntoMarker(true)
                        .build());
        this.far = Workflow.newActivityStub(
                SweepActivities.class,
                ActivityOptions.newBuilder()
                        .setTaskQueue(TaskQueues.IO)
                        // A few statements. They wait up to a minute for Postgres, then the next attempt takes over.
                        .setStartToCloseTimeout(Duration.ofMinutes(2))
                        // No limit: the store may be away for days. Errors that can't heal say so.
                        .setRetryOptions(ActivityTimeouts.FOR_EVER)
                        .build());
    }

    /** For what happens once or twice in a sweep. */
    SweepActivities store() {
        return far;
    }

    AssignedTrials assign(TrialRequest input) {
        return nearby(() -> near.assign(input), () -> far.assign(input));
    }

    void releaseTrials(TrialRelease release) {
        nearby(() -> done(() -> near.releaseTrials(release)), () -> done(() -> far.releaseTrials(release)));
    }

    void endTrial(TrialEnd end) {
        nearby(() -> done(() -> near.endTrial(end)), () -> done(() -> far.endTrial(end)));
    }

    /** Trials as a command wants them run. */
    TrialActivities trials(String sweepId, ShardWorkflow.Command command) {
        Duration backoff = atLeast(SHORTEST_BACKOFF, Duration.ofMillis(command.backoffMillis()));
        return Workflow.newActivityStub(
                TrialActivities.class,
                ActivityOptions.newBuilder()
                        .setTaskQueue(TaskQueues.GPU)
                        // A long training on a slow device; a stuck one ends by its heartbeat.
                        .setStartToCloseTimeout(Duration.ofDays(30))
                        // Only for a lost host: a dead process is reported by its supervisor at once.
                        .setHeartbeatTimeout(heartbeat)
                        // A cancelled trial commits at its next step boundary and says that it did.
                        .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
                        // No limit: the store counts the attempts that failed, and knows which of them count.
                        .setRetryOptions(RetryOptions.newBuilder()
                                .setInitialInterval(backoff)
                                .setBackoffCoefficient(2)
                                .setMaximumInterval(atLeast(backoff, LONGEST_BACKOFF))
                                .build())
                        .setPriority(priority(command.priority(), sweepId))
                        .build());
    }

    /** A place in the queue: lower keys first, and among equal ones every owner the same share. */
    static Priority priority(int key, String owner) {
        return Priority.newBuilder()
                .setPriorityKey(key)
                .setFairnessKey(owner.substring(0, Math.min(owner.length(), FAIRNESS_KEY_LENGTH)))
                .setFairnessWeight(1)
                .build();
    }

    /**
     * Calls in this worker first, which costs the service nothing: a shard asks as often as a trial ends. If that fails in a way
     * that may heal, the queue has the patience.
     */
    private static <R> R nearby(Func<R> near, Func<R> far) {
        try {
            return near.apply();
        } catch (ActivityFailure e) {
            if (e.getCause() instanceof ApplicationFailure cause && cause.isNonRetryable()) {
                throw e;
            }
            return far.apply();
        }
    }

    /** What ends a sweep when the store refuses a call for good. */
    static ApplicationFailure refusal(ActivityFailure e) {
        if (e.getCause() instanceof ApplicationFailure cause) {
            String message = Objects.requireNonNullElse(cause.getOriginalMessage(), "");
            return ApplicationFailure.newNonRetryableFailureWithCause(message, cause.getType(), e);
        }
        return ApplicationFailure.newNonRetryableFailureWithCause(String.valueOf(e.getMessage()), "INTERNAL", e);
    }

    private static boolean done(Runnable call) {
        call.run();
        return true;
    }

    private static Duration atLeast(Duration least, Duration duration) {
        return duration.compareTo(least) < 0 ? least : duration;
    }
}
