package perdura.experiments.gc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.UUID;
import perdura.datasets.file.PrivateFiles;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;
import perdura.store.Database;
import perdura.store.StoreIdentity;

/**
 * A folder of artifacts and the one store that it belongs to. The folder of a run follows from its content, so that another
 * store's runs would be taken for what dead attempts of its own have left.
 */
public record ArtifactFolder(Path root) {
    private static final String MARKER = ".perdura-store";

    /**
     * Makes the folder if it is missing, and the store's if it is nobody's.
     *
     * @throws PerduraException INVALID_SPEC if it belongs to another store; ARTIFACT_STORE_UNAVAILABLE if it can't be written
     */
    public void claim(Database database) {
        String own = new StoreIdentity(database).load();
        Path marker = root.resolve(MARKER);
        try {
            PrivateFiles.createDirectories(root);
            if (!Files.exists(marker, LinkOption.NOFOLLOW_LINKS)) {
                mark(marker, own);
            }
            String owner =
                    new String(RegularFile.read(marker, ReadLimit.STORE_FILE_BYTES), StandardCharsets.UTF_8).strip();
            if (!owner.equals(own)) {
                throw new PerduraException(
                        ErrorCode.INVALID_SPEC,
                        root + ": these artifacts belong to another store (" + owner + ", this one is " + own
                                + "); give each store a folder of its own (PERDURA_ARTIFACTS). If the other store is gone for good,"
                                + " remove " + marker + ": this one takes the folder then");
            }
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                    root + ": the folder of artifacts can't be used (" + RegularFile.reason(e) + ")",
                    e);
        }
    }

    /** Whole or not at all, and once: of two stores that come at the same time, one has the folder. */
    private void mark(Path marker, String own) throws IOException {
        Path beside = root.resolve(MARKER + "-" + UUID.randomUUID());
        try {
            try (FileChannel channel = PrivateFiles.createNew(beside)) {
                channel.write(ByteBuffer.wrap((own + "\n").getBytes(StandardCharsets.UTF_8)));
                channel.force(true);
            }
            try {
                Files.createLink(marker, beside);
            } catch (UnsupportedOperationException e) {
                Files.move(beside, marker);
            }
        } catch (FileAlreadyExistsException another) {
            // Who it was is read next.
        } finally {
            Files.deleteIfExists(beside);
        }
    }
}
