package perdura.datasets.file;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * How full the disk is that a folder lies on.
 *
 * @param folder that was asked for
 * @param disk the file system, as the operating system calls it
 * @param freeBytes what this user may still write
 */
public record DiskSpace(Path folder, String disk, long freeBytes) {
    /** Asks for a folder, which may not be there yet. */
    public static DiskSpace of(Path folder) throws IOException {
        Path there = folder.toAbsolutePath();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        FileStore store = Files.getFileStore(there);
        return new DiskSpace(folder, store.toString(), store.getUsableSpace());
    }

    /** Whether so many bytes don't fit. */
    public boolean isShortOf(long bytes) {
        return freeBytes < bytes;
    }

    /** For people, with what is needed. */
    public String sentence(long neededBytes, String what) {
        return "the disk " + disk + " is full: " + megabytes(freeBytes) + " free under " + folder + ", " + what
                + " needs " + megabytes(neededBytes);
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
}
