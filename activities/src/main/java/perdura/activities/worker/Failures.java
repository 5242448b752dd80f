package perdura.activities.worker;

import io.temporal.failure.ApplicationFailure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** The only place where our errors become Temporal's. */
final class Failures {
    /** While it drains, a worker may be handed the same task again for some seconds. */
    private static final Duration AFTER_PREEMPTION = Duration.ofSeconds(10);

    /** The supervisor does the back-off when it restarts the process. */
    private static final Duration AFTER_DEATH = Duration.ofMillis(100);

    private Failures() {}

    static ApplicationFailure toApplicationFailure(PerduraException e) {
        ApplicationFailure.Builder failure = ApplicationFailure.newBuilder()
                .setType(e.code().name())
                .setMessage(e.getMessage())
                .setNonRetryable(!e.code().isRetryable());
        Duration delay = nextRetryDelay(e.code());
        if (delay != null) {
            failure.setNextRetryDelay(delay);
        }
        Throwable cause = e.getCause();
        if (cause != null) {
            failure.setCause(cause);
        }
        return failure.build();
    }

    private static @Nullable Duration nextRetryDelay(ErrorCode code) {
        return switch (code) {
            case PREEMPTED -> AFTER_PREEMPTION;
            case WORKER_DIED -> AFTER_DEATH;
            default -> null; // the back-off of the workflow's retry options
        };
    }
}
