package perdura.workflows;

import static perdura.workflows.ActivityTimeouts.FOR_EVER;

import io.temporal.activity.ActivityCancellationType;
import io.temporal.activity.ActivityOptions;
import io.temporal.common.RetryOptions;
import io.temporal.workflow.Workflow;
import java.time.Duration;

/** How a pre-training calls its activities: queues, time-outs, retries. */
final class PretrainActivityStubs {
    private static final RetryOptions ONCE =
            RetryOptions.newBuilder().setMaximumAttempts(1).build();

    /** In the middle of those that sweeps have. */
    private static final int PRIORITY = 3;

    private final Duration heartbeat;

    PretrainActivityStubs(ActivityTimeouts timeouts) {
        this.heartbeat = timeouts.heartbeat();
    }

    RunActivities runs() {
        return Workflow.newActivityStub(
                RunActivities.class,
                ActivityOptions.newBuilder()
                        .setTaskQueue(TaskQueues.IO)
                        // A few statements. They wait up to a minute for Postgres, then the next attempt takes over.
                        .setStartToCloseTimeout(Duration.ofMinutes(2))
                        .setRetryOptions(FOR_EVER)
                        .build());
    }

    DataActivities data() {
        return Workflow.newActivityStub(
                DataActivities.class,
                ActivityOptions.newBuilder()
                        .setTaskQueue(TaskQueues.CPU)
                        // Hashes the whole data set: half a terabyte from a slow disk takes most of a day.
                        .setStartToCloseTimeout(Duration.ofDays(2))
                        // A ticker beats while the check goes on, so silence means a lost host.
                        .setHeartbeatTimeout(heartbeat)
                        .setRetryOptions(FOR_EVER)
                        .build());
    }

    AirflowActivities airflow() {
        return Workflow.newActivityStub(
                AirflowActivities.class,
                ActivityOptions.newBuilder()
                        .setTaskQueue(TaskQueues.AIRFLOW)
                        // Airflow's own time-outs end a DAG run. After this another attempt takes the same one up.
                        .setStartToCloseTimeout(Duration.ofDays(30))
                        // The wait beats all the time, so silence means a lost host.
                        .setHeartbeatTimeout(heartbeat)
                        .setRetryOptions(FOR_EVER)
                        // A wait leaves nothing behind, so that a stop need not wait for the worker.
                        .setCancellationType(ActivityCancellationType.TRY_CANCEL)
                        .build());
    }

    /** Training on any free device. */
    TrainActivities anySlot(String runId) {
        return Workflow.newActivityStub(TrainActivities.class, anySegment(runId));
    }

    /** Preparation of epochs on any free device. */
    EpochActivities epochs(String runId) {
        return Workflow.newActivityStub(EpochActivities.class, anySegment(runId));
    }

    /** One try on the slot that holds the model in memory. */
    TrainActivities ownSlot(String runId, String slotQueue) {
        return Workflow.newActivityStub(
                TrainActivities.class,
                segment(runId)
                        .setTaskQueue(slotQueue)
                        // A free slot takes a task at once; loading the checkpoint elsewhere costs about as long as
                        // this.
                        .setScheduleToStartTimeout(Duration.ofSeconds(2))
                        .setRetryOptions(ONCE)
                        .build());
    }

    private ActivityOptions anySegment(String runId) {
        return segment(runId)
                .setTaskQueue(TaskQueues.GPU)
                .setRetryOptions(FOR_EVER)
                .build();
    }

    private ActivityOptions.Builder segment(String runId) {
        return ActivityOptions.newBuilder()
                // An epoch of the full model on a slow device; a stuck one ends by its heartbeat.
                .setStartToCloseTimeout(Duration.ofDays(30))
                // Only for a lost host: a dead process is reported by its supervisor at once.
                .setHeartbeatTimeout(heartbeat)
                // A cancelled segment commits at its next step boundary and tells where it is.
                .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
                // Between the trials of sweeps, with the same share of the devices as a sweep.
                .setPriority(SweepActivityStubs.priority(PRIORITY, runId));
    }
}
