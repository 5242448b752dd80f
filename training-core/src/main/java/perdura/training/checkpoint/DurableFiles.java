package perdura.training.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import perdura.datasets.file.AtomicFile;
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

    /** Deletes a folder and the files in it, if it is there. Another process may be deleting it too. */
    public static void deleteFolder(Path folder, DurableEffects effects) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        effects.before();
        List<Path> files;
        try (Stream<Path> listed = Files.list(folder)) {
            files = listed.toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(folder);
        effects.after();
    }
}
