package perdura.datasets.ingest;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import perdura.datasets.file.AtomicFile;
import perdura.datasets.file.FileTree;
import perdura.datasets.file.PrivateFiles;
import perdura.grids.spec.Advice;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;

/**
 * Where data sets lie in an artifact store, and where they are made. A folder that is being written has a name with a dot
 * in front; it gets its own name when all of it is on disk.
 *
 * @param artifactRoot the artifact store
 * @param key of the ingest: the same for the same settings
 */
record IngestFolder(Path artifactRoot, String key, DurableEffects effects) {
    private static final long PAUSE_MILLIS = 100;

    /** The folder of all data sets of an artifact store. */
    static Path dataSets(Path artifactRoot) {
        return artifactRoot.toAbsolutePath().resolve("datasets");
    }

    /** The folder of a data set. */
    Path dataSet(String digest) {
        return dataSets(artifactRoot).resolve(digest);
    }

    /** Which data set the last ingest with this key made: its digest, in a file. */
    Path newest() {
        return dataSets(artifactRoot).resolve(".newest-" + key);
    }

    /** What is not finished yet. */
    Path work() {
        return dataSets(artifactRoot).resolve(".ingest-" + key);
    }

    Path plan() {
        return work().resolve("plan");
    }

    Path planOf(int part) {
        return plan().resolve(String.format(Locale.ROOT, "%05d.jsonl", part));
    }

    Path part(String name) {
        return work().resolve("parts").resolve(name);
    }

    /**
     * Does a step, unless too many processes have died over it already: somebody must look at its files then, and the next try
     * counts anew.
     *
     * @param step its name, for instance {@code part-00003}
     * @throws PerduraException INVALID_DATA if they have
     */
    <T> T survive(String step, Work<T> work) throws IOException {
        Path marks = PrivateFiles.createDirectories(work().resolve("begun"));
        List<Path> dead = marksOf(marks, step);
        if (dead.size() >= ReadLimit.INGEST_DEATHS.most()) {
            for (Path mark : dead) {
                Files.deleteIfExists(mark);
            }
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    dead.size() + " processes died over the step " + step + " of the ingest, whose samples " + plan()
                            + " lists: one of its files may take all the memory there is; find it with "
                            + Advice.DATA_INSPECT.in("DIR") + ", or give the worker more memory ("
                            + ReadLimit.INGEST_DEATHS.variable()
                            + " sets how many may die)");
        }
        Path mark = Files.createFile(marks.resolve(step + "." + UUID.randomUUID()));
        try {
            return work.run();
        } finally {
            Files.deleteIfExists(mark);
        }
    }

    private static List<Path> marksOf(Path marks, String step) throws IOException {
        try (Stream<Path> all = Files.list(marks)) {
            return all.filter(mark -> mark.getFileName().toString().startsWith(step + "."))
                    .toList();
        }
    }

    /** A new folder for what is about to be written. */
    Path newWriting() throws IOException {
        return PrivateFiles.createDirectories(work().resolve(".writing-" + UUID.randomUUID()));
    }

    /**
     * Gives a whole folder its name, with all of it on disk.
     *
     * @return false if another process has made a folder of that name meanwhile, which stays, as does {@code writing}
     */
    boolean publish(Path writing, Path target) throws IOException {
        try (Stream<Path> files = Files.list(writing)) {
            for (Path file : files.toList()) {
                AtomicFile.sync(file);
            }
        }
        AtomicFile.syncFolder(writing);
        Path parent = parent(target);
        PrivateFiles.createDirectories(parent);
        effects.before();
        try {
            Files.move(writing, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (Files.exists(target)) {
                return false;
            }
            throw e;
        }
        effects.after();
        AtomicFile.syncFolder(parent);
        return true;
    }

    /** Writes a small file: beside its place, synced, renamed. */
    void writeFile(Path file, byte[] content) throws IOException {
        effects.before();
        AtomicFile.write(file, content);
        effects.after();
    }

    /** Puts a written file in the place of another. */
    void replace(Path written, Path target) throws IOException {
        effects.before();
        AtomicFile.replace(written, target);
        effects.after();
    }

    private static Path parent(Path path) {
        return Objects.requireNonNull(path.toAbsolutePath().getParent());
    }

    /** Deletes a folder with all that is in it, if it is there. Another process may be deleting it too, or begin to write there again. */
    void delete(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        effects.before();
        FileTree.delete(folder);
        effects.after();
    }

    /** What is done by whoever may plan and join. */
    interface Work<T> {
        T run() throws IOException;
    }

    /**
     * Plans or joins while nobody else does: one thread of one process has that right at a time. The operating system takes it back
     * from a process that dies; the file of the lock stays, and means nothing by itself.
     *
     * @param waiting called now and then until it can begin; what it throws ends the waiting
     * @throws PerduraException PREEMPTED if the thread is interrupted before
     */
    <T> T hold(Runnable waiting, Work<T> work) throws IOException {
        Path lock = PrivateFiles.createDirectories(dataSets(artifactRoot)).resolve(".lock-" + key);
        try (FileChannel channel = PrivateFiles.openOrCreate(lock)) {
            while (!isTaken(channel)) {
                waiting.run();
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
            return work.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PerduraException(ErrorCode.PREEMPTED, "the ingest was interrupted", e);
        }
    }

    /** False if another process has it, or another thread of this one. Closing the channel gives it back. */
    private static boolean isTaken(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }
}
