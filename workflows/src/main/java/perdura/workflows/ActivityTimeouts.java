package perdura.workflows;

import io.temporal.common.RetryOptions;
import java.time.Duration;

/**
 * Times that a worker's settings decide. They only enter activity options, which a replay does not compare.
 *
 * @param heartbeat silence after which the host of a segment counts as lost
 */
public record ActivityTimeouts(Duration heartbeat) {
    /** Outlasts a restart of the Temporal server. */
    public static final ActivityTimeouts STANDARD = new ActivityTimeouts(Duration.ofSeconds(60));

    /** Back-off between attempts; no limit, since the store or a device may be away for days. Errors that can't heal say so. */
    static final RetryOptions FOR_EVER = RetryOptions.newBuilder()
            .setInitialInterval(Duration.ofSeconds(1))
            .setBackoffCoefficient(2)
            .setMaximumInterval(Duration.ofSeconds(30))
            .build();
}
