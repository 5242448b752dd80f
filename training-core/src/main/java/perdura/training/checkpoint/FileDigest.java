package perdura.training.checkpoint;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What a manifest says about a file.
 *
 * @param sha256 64 hexadecimal digits
 */
public record FileDigest(long sizeBytes, String sha256) {
    /** Reads a file and computes both. */
    public static FileDigest of(Path file) throws IOException {
        return Sha256.of(file);
    }
}
