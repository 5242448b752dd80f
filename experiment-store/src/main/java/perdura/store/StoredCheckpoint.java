package perdura.store;

import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;

/**
 * A checkpoint as the store knows it.
 *
 * @param state PRESENT, DAMAGED (found so by digest) or PRUNED (removed by the retention rule)
 */
public record StoredCheckpoint(
        RunId runId,
        Position position,
        String stateDigest,
        String uri,
        String manifestDigest,
        long bytes,
        boolean stageEnd,
        String state,
        Instant committedAt) {
    /** Where its files lie. */
    public Path folder() {
        return Path.of(URI.create(uri));
    }
}
