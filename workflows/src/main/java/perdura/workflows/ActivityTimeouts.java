package perdura.workflows;

import java.time.Duration;

/**
 * Times that a worker's settings decide. They only enter activity options, which a replay does not compare.
 *
 * @param heartbeat silence after which the host of a segment counts as lost
 */
public record ActivityTimeouts(Duration heartbeat) {
    /** Outlasts a restart of the Temporal server. */
    public static final ActivityTimeouts STANDARD = new ActivityTimeouts(Duration.ofSeconds(60));
}
