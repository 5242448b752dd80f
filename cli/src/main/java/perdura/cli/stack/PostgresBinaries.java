package perdura.cli.stack;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tukaani.xz.XZInputStream;
import perdura.cli.stack.Part.Progress;
import perdura.datasets.file.FileTree;
import perdura.datasets.file.PrivateFiles;

/** The programs of Postgres, unpacked once from the archive on the class path into the cache, and compared at each start. */
final class PostgresBinaries {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresBinaries.class);

    private final CacheFolder cache;
    private final Launcher launcher;
    private final Path log;
    private @Nullable String key;

    PostgresBinaries(CacheFolder cache, Launcher launcher, Path log) {
        this.cache = cache;
        this.launcher = launcher;
        this.log = log;
    }

    /** Unpacks them if they are not there, or not what was unpacked. */
    void unpackIfMissing(Progress progress) throws IOException, InterruptedException {
        cache.exclusively("postgres", log, progress, () -> {
            SealedFolder programs = new SealedFolder(folder());
            if (programs.isIntact()) {
                return;
            }
            if (programs.isSealed()) {
                LOG.warn("{} is not what was unpacked there; it is unpacked anew", folder());
            }
            progress.report("unpacking");
            Path beside = folder().resolveSibling(folder().getFileName() + ".new");
            FileTree.delete(beside);
            unpack(beside);
            new SealedFolder(beside).seal();
            FileTree.delete(folder());
            Files.move(beside, folder());
        });
    }

    /**
     * The command line of one of the programs. Postgres refuses to run as root; in a user name space of its own it is
     * somebody else.
     */
    List<String> command(String program, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            Optional<Path> unshare = launcher.findProgram("unshare");
            command.add(unshare.orElseThrow(() -> new IOException(
                            "Postgres does not run as root; run Perdura as another user, or install 'unshare'"))
                    .toString());
            command.add("-U");
        }
        command.add(folder().resolve("bin").resolve(program).toString());
        command.addAll(arguments);
        return command;
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private Path folder() {
        return cache.folder().resolve("postgres-" + key());
    }

    /** The digest of the archive. */
    private synchronized String key() {
        String known = key;
        if (known == null) {
            known = digest();
            key = known;
        }
        return known;
    }

    private static String digest() {
        try (InputStream packed = archive()) {
            return CacheFolder.shortHash(packed.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws IOException if the class path has none for this machine */
    private static InputStream archive() throws IOException {
        InputStream packed = PostgresBinaries.class.getResourceAsStream(resource());
        if (packed == null) {
            throw new IOException("there are no programs of Postgres for this machine (" + resource()
                    + "); set PERDURA_DATABASE_URL to a server");
        }
        return packed;
    }

    private static String resource() {
        String architecture = switch (System.getProperty("os.arch").toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            default -> System.getProperty("os.arch");
        };
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
        return "/postgres-" + system + "-" + architecture + ".txz";
    }

    private static void unpack(Path folder) throws IOException {
        PrivateFiles.createDirectories(folder);
        try (InputStream packed = archive();
                TarArchiveInputStream files =
                        new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(packed)))) {
            for (TarArchiveEntry entry = files.getNextEntry(); entry != null; entry = files.getNextEntry()) {
                Path target = folder.resolve(entry.getName()).normalize();
                if (!target.startsWith(folder)) {
                    throw new IOException("the archive of Postgres names a place outside: " + entry.getName());
                }
                place(files, entry, target);
            }
        }
    }

    private static void place(TarArchiveInputStream archive, TarArchiveEntry entry, Path target) throws IOException {
        if (entry.isDirectory()) {
            PrivateFiles.createDirectories(target);
            return;
        }
        PrivateFiles.createDirectories(Objects.requireNonNull(target.getParent()));
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(archive, target);
        boolean isProgram = (entry.getMode() & 0100) != 0;
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(isProgram ? "rwx------" : "rw-------"));
    }
}
