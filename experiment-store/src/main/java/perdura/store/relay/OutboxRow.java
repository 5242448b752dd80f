package perdura.store.relay;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunStatus;

/**
 * Something that MLflow is still to be told.
 *
 * @param artifactPath of an ARTIFACT row only, and so is {@code artifactUri}
 * @param status of a STATUS row only
 */
record OutboxRow(
        long id,
        Kind kind,
        @Nullable String artifactPath,
        @Nullable String artifactUri,
        @Nullable RunStatus status,
        Instant createdAt) {
    enum Kind {
        PARAMS,
        METRICS,
        ARTIFACT,
        STATUS
    }
}
