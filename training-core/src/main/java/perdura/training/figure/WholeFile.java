package perdura.training.figure;

import java.io.IOException;
import java.nio.file.Path;
import perdura.datasets.file.AtomicFile;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Writes files for people, whole or not at all. */
public final class WholeFile {
    private WholeFile() {}

    /**
     * Writes a file; missing folders are made.
     *
     * @param remedy what helps if it can't be written
     * @throws PerduraException ARTIFACT_STORE_UNAVAILABLE if it can't be written
     */
    public static void write(Path file, String remedy, AtomicFile.Content content) {
        try {
            AtomicFile.write(file, content);
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                    file + " can't be written (" + e.getClass().getSimpleName() + ": " + e.getMessage() + "); "
                            + remedy,
                    e);
        }
    }
}
