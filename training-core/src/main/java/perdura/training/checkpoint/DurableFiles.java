package perdura.training.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import perdura.datasets.file.AtomicFile;
import perdura.datasets.file.FileTree;
import perdura.grids.spec.DurableEffects;

/** Writes, moves and deletes of which a crash leaves all or nothing, each counted as an effect. */
public final class DurableFiles {
    private DurableFiles() {}

    /**
     * Writes a new file and brings it to the disk.
     *
     * @throws IOException if it is there already, or can't be written
     */
    public static FileDigest write(Path file, byte[] bytes, DurableEffects effects) throws IOException {
        try (DigestingFile out = DigestingFile.create(file, effects, bytes.length)) {
            out.write(ByteBuffer.wrap(bytes));
            return out.finish();
        }
    }

    /** Gives a file or folder another name on the same disk, in one instant. */
    public static void rename(Path from, Path to, DurableEffects effects) throws IOException {
        effects.before();
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        effects.after();
    }

    /** Brings the names in a folder to the disk. */
    public static void syncFolder(Path folder, DurableEffects effects) throws IOException {
        effects.before();
        AtomicFile.syncFolder(folder);
        effects.after();
    }

    /** Deletes a folder with all that is in it, if it is there. Another process may be deleting it too. */
    public static void deleteFolder(Path folder, DurableEffects effects) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        effects.before();
        FileTree.delete(folder);
        effects.after();
    }
}
