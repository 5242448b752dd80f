package perdura.cli.stack;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.stream.Stream;
import perdura.cli.stack.Part.Progress;
import perdura.datasets.file.AtomicFile;
import perdura.datasets.file.FileTree;
import perdura.datasets.file.PrivateFiles;
import perdura.grids.spec.Advice;
import perdura.grids.spec.Sha256;

/**
 * Where things that are built once for all work folders lie, and the files of ours that they are built from. What lies here
 * is run, so that it is its owner's alone.
 *
 * @param folder for instance {@code ~/.cache/perdura}
 */
record CacheFolder(Path folder) {
    private static final long PAUSE_MILLIS = 200;
    // Every 6 s.
    private static final int TELL_EVERY = 30;

    /** {@code $XDG_CACHE_HOME/perdura}, or {@code ~/.cache/perdura}. */
    static CacheFolder of(Map<String, String> environment) {
        String base = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path caches = base.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(base);
        return new CacheFolder(caches.resolve("perdura").toAbsolutePath());
    }

    /** A file of the folder {@code tools} of the source tree, which travels on the class path. */
    static byte[] tool(String path) {
        try (InputStream in = CacheFolder.class.getResourceAsStream("/perdura/tools/" + path)) {
            if (in == null) {
                throw new IllegalStateException("the class path lacks perdura/tools/" + path);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first 16 hexadecimal digits of the SHA-256. */
    static String shortHash(byte[] bytes) {
        return Sha256.of(bytes).substring(0, 16);
    }

    /**
     * Makes the folder, 0700, or checks the one that is there. If others could write to it until now, what lies in it may be
     * theirs: it is removed, and built anew.
     *
     * @throws IOException if it belongs to somebody else, or is a link
     */
    void secure() throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            PrivateFiles.createDirectories(folder);
        }
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) || !PrivateFiles.isOwn(folder)) {
            throw new IOException(folder + " is not a folder of your own; programs are run from there."
                    + " Remove it, or set XDG_CACHE_HOME to another folder");
        }
        if (PrivateFiles.isWritableByOthers(folder)) {
            PrivateFiles.close(folder);
            try (Stream<Path> contents = Files.list(folder)) {
                for (Path content : contents.toList()) {
                    FileTree.delete(content);
                }
            }
        }
        PrivateFiles.close(folder);
    }

    /** Work that only one process of this user does at a time. */
    interface Work {
        void run() throws IOException, InterruptedException;
    }

    /**
     * Runs while no other process holds the lock of the same name.
     *
     * @param name of the work, for instance {@code temporal}
     * @param log of the work; another process that waits for it names it
     * @param progress hears, again and again, whom this process waits for
     */
    void exclusively(String name, Path log, Progress progress, Work work) throws IOException, InterruptedException {
        secure();
        try (FileChannel channel = PrivateFiles.openOrCreate(folder.resolve(name + ".lock"));
                FileLock held = await(channel, name, progress)) {
            if (held.isValid()) {
                Worker.here(log).save(worker(name));
                work.run();
                Files.deleteIfExists(worker(name));
            }
        }
    }

    private FileLock await(FileChannel channel, String name, Progress progress)
            throws IOException, InterruptedException {
        long told = 0;
        while (true) {
            try {
                FileLock held = channel.tryLock();
                if (held != null) {
                    return held;
                }
            } catch (OverlappingFileLockException e) {
                // another stack in this very process
            }
            if (told % TELL_EVERY == 0) {
                progress.report("waiting for " + Worker.find(worker(name)) + "; " + Advice.UP_EMBEDDED.in()
                        + " needs no build");
            }
            told++;
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    private Path worker(String name) {
        return folder.resolve(name + ".building");
    }

    /** Who works on something that others wait for: a line in a file. */
    private record Worker(long pid, Instant since, Path log) {
        static Worker here(Path log) {
            return new Worker(ProcessHandle.current().pid(), Instant.now(), log.toAbsolutePath());
        }

        void save(Path file) throws IOException {
            AtomicFile.write(file, (pid + " " + since + " " + log).getBytes(StandardCharsets.UTF_8));
        }

        /** Who it is, in words. */
        static String find(Path file) {
            try {
                String[] words = Files.readString(file).split(" ", 3);
                Duration so = Duration.between(Instant.parse(words[1]), Instant.now());
                return "process " + words[0] + ", which has been building for " + so.toMinutes() + " min, log: "
                        + words[2];
            } catch (IOException | DateTimeParseException | IndexOutOfBoundsException e) {
                return "another process, which builds the same";
            }
        }
    }
}
