package perdura.store;

import java.time.Instant;
import org.jdbi.v3.core.mapper.Nested;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunId;

/**
 * One activity execution of a run.
 *
 * @param fence its number: only the attempt with the run's highest fence may commit
 * @param fromStep step of the commit it began at
 */
public record Attempt(
        RunId runId,
        long fence,
        String worker,
        String fingerprint,
        long fromStep,
        Instant claimedAt,
        @Nested End end) {
    /**
     * How it ended.
     *
     * @param endedAt null while it runs
     * @param outcome null while it runs; then COMPLETED, CANCELLED, FENCED or the name of an {@code ErrorCode}
     */
    public record End(
            @Nullable Instant endedAt,
            @Nullable String outcome,
            @Nullable String reason) {}
}
