package perdura.activities.gpu;

import java.net.URI;
import java.nio.file.Path;
import perdura.store.StoredCheckpoint;

/** Where the files of a stored checkpoint lie. */
final class CheckpointFolder {
    private CheckpointFolder() {}

    static Path of(StoredCheckpoint checkpoint) {
        return Path.of(URI.create(checkpoint.uri()));
    }
}
