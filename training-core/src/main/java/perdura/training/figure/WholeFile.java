package perdura.training.figure;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Writes files for people, whole or not at all. */
public final class WholeFile {
    private WholeFile() {}

    /** A file is written through this. */
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes a file beside its place and renames it; missing folders are made.
     *
     * @param remedy what helps if it can't be written
     * @throws PerduraException ARTIFACT_STORE_UNAVAILABLE if it can't be written
     */
    public static void write(Path file, String remedy, Content content) {
        Path target = file.toAbsolutePath();
        Path beside = target.resolveSibling(target.getFileName() + ".part");
        try {
            Files.createDirectories(target.getParent());
            try (OutputStream out = Files.newOutputStream(beside)) {
                content.writeTo(out);
            }
            Files.move(beside, target, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                    file + " can't be written (" + e.getClass().getSimpleName() + ": " + e.getMessage() + "); "
                            + remedy,
                    e);
        }
    }
}
