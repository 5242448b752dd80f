package perdura.store;

import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import org.jdbi.v3.core.mapper.Nested;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.CheckpointState;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;

/**
 * A checkpoint as the store knows it.
 *
 * @param score by which the run's best one is kept, the greatest; null if it takes no part in that
 */
public record StoredCheckpoint(
        RunId runId,
        @Nested Position position,
        String stateDigest,
        @Nested Files files,
        boolean stageEnd,
        @Nullable Double score,
        CheckpointState state,
        Instant committedAt) {
    /**
     * The files of a checkpoint.
     *
     * @param uri their folder, {@code file:} URI
     * @param manifestDigest SHA-256 of MANIFEST.json
     */
    public record Files(String uri, String manifestDigest, long bytes) {}

    /** Where its files lie. */
    public Path folder() {
        return Path.of(URI.create(files.uri()));
    }
}
