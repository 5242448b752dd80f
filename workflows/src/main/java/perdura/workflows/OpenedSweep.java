package perdura.workflows;

import org.jspecify.annotations.Nullable;

/**
 * A sweep as the store has it.
 *
 * @param status RUNNING, PAUSED, STOPPING or CANCELLING; or how it has ended: FINISHED, STOPPED, CANCELLED or FAILED
 * @param concurrency trials at once, 0: as many as there are free slots
 * @param priority 1 to 5; 1 goes first
 * @param backoffMillis before the second attempt of a trial; doubled before each further one
 * @param pending trials that have not ended
 * @param secondsLeft of the wall time in its budget, not below 0; null: no limit
 */
public record OpenedSweep(
        String status,
        int concurrency,
        int priority,
        long backoffMillis,
        long pending,
        @Nullable Long secondsLeft) {
    OpenedSweep with(String otherStatus) {
        return new OpenedSweep(otherStatus, concurrency, priority, backoffMillis, pending, secondsLeft);
    }
}
