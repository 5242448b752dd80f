package perdura.datasets.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.Set;

/**
 * Makes folders and files that their owner alone can use, whatever the process's umask: 0700 and 0600. What is there
 * already stays as it is. On file systems without such permissions it makes plain ones.
 */
public final class PrivateFiles {
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OF_OTHERS = PosixFilePermissions.fromString("---rwxrwx");
    private static final Set<PosixFilePermission> WRITABLE_BY_OTHERS =
            EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private PrivateFiles() {}

    /** Makes a folder, and those above it that are missing. */
    public static Path createDirectories(Path folder) throws IOException {
        return Files.createDirectories(folder, attributes(folder, FOLDER));
    }

    /** Makes a folder in one that is there. */
    public static Path createDirectory(Path folder) throws IOException {
        return Files.createDirectory(folder, attributes(folder, FOLDER));
    }

    /**
     * A new file, open for writing.
     *
     * @throws FileAlreadyExistsException if it is there
     */
    public static FileChannel createNew(Path file) throws IOException {
        return FileChannel.open(
                file, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes(file, FILE));
    }

    /** A file, open for writing; made if it is missing. */
    public static FileChannel openOrCreate(Path file) throws IOException {
        return FileChannel.open(
                file, EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), attributes(file, FILE));
    }

    /** Whether a file or folder belongs to the user of this process. A link is asked itself. */
    public static boolean isOwn(Path path) throws IOException {
        Path self = Path.of("/proc/self");
        UserPrincipal user = Files.exists(self)
                ? Files.getOwner(self)
                : path.getFileSystem()
                        .getUserPrincipalLookupService()
                        .lookupPrincipalByName(System.getProperty("user.name"));
        return Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).equals(user);
    }

    /** Takes a folder from everybody but its owner. */
    public static void close(Path folder) throws IOException {
        if (isPosix(folder)) {
            Files.setPosixFilePermissions(folder, FOLDER);
        }
    }

    /** Whether others than the owner can read, write or enter a file or folder. A link is asked itself. */
    public static boolean isOpen(Path path) throws IOException {
        return has(path, OF_OTHERS);
    }

    /** Whether others than the owner can write. */
    public static boolean isWritableByOthers(Path path) throws IOException {
        return has(path, WRITABLE_BY_OTHERS);
    }

    private static boolean has(Path path, Set<PosixFilePermission> some) throws IOException {
        if (!isPosix(path) || Files.isSymbolicLink(path)) {
            return false;
        }
        return Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS).stream()
                .anyMatch(some::contains);
    }

    private static FileAttribute<?>[] attributes(Path path, Set<PosixFilePermission> permissions) {
        return isPosix(path)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : new FileAttribute<?>[0];
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
