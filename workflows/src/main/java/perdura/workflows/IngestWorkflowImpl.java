package perdura.workflows;

import io.temporal.activity.ActivityCancellationType;
import io.temporal.activity.ActivityOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import perdura.workflows.IngestActivities.IngestFailure;

/** Plans, makes the parts with a sliding window, and joins them. A plan has at most some hundred parts, so the history stays small. */
public final class IngestWorkflowImpl implements IngestWorkflow {
    /** Parts that are asked for at once: enough for a few dozen cores on all workers together. */
    private static final int WINDOW = 32;

    private final IngestActivities activities;

    public IngestWorkflowImpl(ActivityTimeouts timeouts) {
        activities = Workflow.newActivityStub(
                IngestActivities.class,
                ActivityOptions.newBuilder()
                        .setTaskQueue(TaskQueues.CPU)
                        // Joining copies the whole set, planning lists it: hours on a slow disk.
                        .setStartToCloseTimeout(Duration.ofDays(2))
                        // A ticker beats while the work goes on, so silence means a lost host.
                        .setHeartbeatTimeout(timeouts.heartbeat())
                        .setCancellationType(ActivityCancellationType.TRY_CANCEL)
                        // No limit: the store or the disk may be away for long. Errors that can't heal say so.
                        .setRetryOptions(ActivityTimeouts.FOR_EVER)
                        .build());
    }

    @Override
    public Result run(Input input) {
        String ingestId = input.ingestId();
        try {
            int parts = activities.planIngest(ingestId).parts();
            List<Integer> own = new ArrayList<>();
            for (int part = input.share() - 1; part < parts; part += input.shares()) {
                own.add(part);
            }
            makeParts(ingestId, own);
            return input.shares() > 1 ? new Result(ingestId, "", 0) : activities.finishIngest(ingestId);
        } catch (CanceledFailure e) {
            record(new IngestFailure(ingestId, "CANCELLED", "the ingest was cancelled"));
            throw e;
        } catch (ActivityFailure e) {
            throw fail(ingestId, e);
        }
    }

    /** When a part fails, those that still run learn from their heartbeats that the workflow has ended. */
    private void makeParts(String ingestId, List<Integer> parts) {
        List<Promise<Void>> running = new ArrayList<>();
        for (int part : parts) {
            if (running.size() == WINDOW) {
                Promise.anyOf(running).get();
                running.removeIf(IngestWorkflowImpl::isDone);
            }
            running.add(Async.procedure(activities::makePart, ingestId, part));
        }
        Promise.allOf(running).get();
    }

    /** Whether a part has ended; throws what it threw. */
    private static boolean isDone(Promise<Void> part) {
        if (part.isCompleted()) {
            part.get();
            return true;
        }
        return false;
    }

    private RuntimeException fail(String ingestId, ActivityFailure e) {
        boolean wasLost = CancellationScope.current().isCancelRequested() // the service repeats nothing then
                && e.getCause() instanceof ApplicationFailure lost
                && !lost.isNonRetryable();
        if (e.getCause() instanceof ApplicationFailure cause && !wasLost) {
            String message = Objects.requireNonNullElse(cause.getOriginalMessage(), "");
            record(new IngestFailure(ingestId, cause.getType(), message));
            return ApplicationFailure.newNonRetryableFailureWithCause(message, cause.getType(), e);
        }
        record(new IngestFailure(ingestId, "CANCELLED", "the ingest was cancelled"));
        return e;
    }

    /** Outside the workflow's own cancellation. */
    private void record(IngestFailure failure) {
        Workflow.newDetachedCancellationScope(() -> activities.failIngest(failure))
                .run();
    }
}
