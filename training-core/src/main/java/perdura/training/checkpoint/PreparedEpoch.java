package perdura.training.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import perdura.datasets.file.PrivateFiles;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;
import perdura.grids.spec.RunId;

/**
 * What was computed before an epoch of a run: folders {@code <artifactRoot>/<run>/epochs/<step>-<state>/<part>}, where a part is a
 * shard or {@code combined}. The name has the step at which the epoch begins and the digest of the state there, so what another state
 * gave is never found. Each part is written beside its place, synced and renamed, with a list of the digests of its files that is
 * checked when it is read. Several processes may keep the same part: the first one wins. Beside the parts lies {@code scratch}, what a
 * combination has left so far; it has no digests, and goes when the combined result is kept.
 */
public final class PreparedEpoch {
    /** The list of digests of a part; its first line is its format. */
    private static final String DIGESTS = "DIGESTS";

    private static final String FORMAT = "perdura prepared epoch 1";
    private static final String COMBINED = "combined";
    private static final String SCRATCH = "scratch";
    private static final String WRITING = ".writing-";

    /** Epochs of a run whose results stay: the one that is trained, and the one before, in case its checkpoint is needed again. */
    private static final int KEPT = 2;

    /** A part that kills its process so often is given up. */
    private static final int MOST_DEATHS = 10;

    private final Path epochs;
    private final Path folder;
    private final DurableEffects effects;

    /**
     * @param step optimiser steps done when the epoch begins
     * @param stateDigest SHA-256 of the state at that step; empty before the first commit of the run
     */
    public PreparedEpoch(Path artifactRoot, RunId runId, long step, String stateDigest, DurableEffects effects) {
        this.epochs = epochs(artifactRoot, runId);
        this.folder = epochs.resolve(
                "%012d-%s".formatted(step, stateDigest.isEmpty() ? "initial" : stateDigest.substring(0, 16)));
        this.effects = effects;
    }

    private static Path epochs(Path artifactRoot, RunId runId) {
        return artifactRoot.toAbsolutePath().normalize().resolve(runId.value()).resolve("epochs");
    }

    /** Writes the files of a part. */
    @FunctionalInterface
    public interface Work {
        /** @param folder exists and is empty */
        void write(Path folder) throws IOException;
    }

    /** The combined result, if it is there and whole. */
    public Optional<Path> findCombined() {
        return find(COMBINED);
    }

    /** Computes the combined result from one state of work to the next. */
    @FunctionalInterface
    public interface LongWork {
        /**
         * @param scratch what an earlier try has left; at first empty
         * @param folder exists and is empty
         */
        void write(Path scratch, Path folder) throws IOException;
    }

    /** Computes and keeps the combined result, unless it is there. What the work has in scratch is removed then. */
    public Path keepCombined(LongWork work) {
        Path scratch = folder.resolve(SCRATCH);
        Path kept = keep(COMBINED, writing -> {
            PrivateFiles.createDirectories(scratch);
            work.write(scratch, writing);
        });
        try {
            DurableFiles.deleteFolder(scratch, effects);
        } catch (IOException e) {
            throw unavailable(scratch, e);
        }
        return kept;
    }

    /** One shard of so many, if it is there and whole. */
    public Optional<Path> findShard(int shard, int shards) {
        return find(shard(shard, shards));
    }

    /** Computes and keeps a shard, unless it is there. */
    public Path keepShard(int shard, int shards, Work work) {
        return keep(shard(shard, shards), work);
    }

    /** The folders of all epochs of a run. */
    public static List<Path> list(Path artifactRoot, RunId runId) {
        return list(epochs(artifactRoot, runId));
    }

    /** Removes what was prepared for all epochs of a run, which never trains again. */
    public static void removeAll(Path artifactRoot, RunId runId, DurableEffects effects) {
        Path epochs = epochs(artifactRoot, runId);
        try {
            for (Path epoch : list(epochs)) {
                removeEpoch(epoch, effects);
            }
            DurableFiles.deleteFolder(epochs, effects);
        } catch (IOException e) {
            throw unavailable(epochs, e);
        }
    }

    private static List<Path> list(Path epochs) {
        if (!Files.isDirectory(epochs, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (Stream<Path> listed = Files.list(epochs)) {
            return listed.sorted().toList();
        } catch (IOException e) {
            throw unavailable(epochs, e);
        }
    }

    /** Removes what was prepared for other epochs of the run, but for that of the newest before this one. */
    public void removeOthers() {
        List<Path> others =
                list(epochs).stream().filter(other -> !other.equals(folder)).toList();
        List<Path> before = others.stream()
                .filter(other -> other.compareTo(folder) < 0)
                .sorted(Comparator.reverseOrder())
                .limit(KEPT - 1)
                .toList();
        try {
            for (Path other : others) {
                if (!before.contains(other)) {
                    removeEpoch(other, effects);
                }
            }
        } catch (IOException e) {
            throw unavailable(epochs, e);
        }
    }

    private static String shard(int shard, int shards) {
        return "shard-%05d-of-%05d".formatted(shard, shards);
    }

    private Optional<Path> find(String part) {
        Path kept = folder.resolve(part);
        try {
            return isWhole(kept) ? Optional.of(kept) : Optional.empty();
        } catch (IOException e) {
            throw unavailable(kept, e);
        }
    }

    private Path keep(String part, Work work) {
        Path kept = folder.resolve(part);
        try {
            if (isWhole(kept)) {
                return kept;
            }
            PrivateFiles.createDirectories(folder);
            refuseAfterDeaths(part);
            Path writing = Files.createTempDirectory(folder, part + WRITING);
            try {
                work.write(writing);
                DurableFiles.write(
                        writing.resolve(DIGESTS), digests(writing).getBytes(StandardCharsets.UTF_8), effects);
                DurableFiles.syncFolder(writing, effects);
                place(writing, kept);
                DurableFiles.syncFolder(folder, effects);
            } finally {
                DurableFiles.deleteFolder(writing, effects);
            }
            for (Path dead : unfinished(part)) {
                DurableFiles.deleteFolder(dead, effects);
            }
            return kept;
        } catch (IOException e) {
            throw unavailable(kept, e);
        }
    }

    /** A process that dies leaves its folder behind. Starts to count again, so that the run can be resumed. */
    private void refuseAfterDeaths(String part) throws IOException {
        List<Path> dead = unfinished(part);
        if (dead.size() < MOST_DEATHS) {
            return;
        }
        for (Path one : dead) {
            DurableFiles.deleteFolder(one, effects);
        }
        throw new PerduraException(
                ErrorCode.NO_PROGRESS,
                dead.size() + " processes died while they computed " + folder.resolve(part)
                        + "; see the crash logs, then resume the run");
    }

    private List<Path> unfinished(String part) throws IOException {
        try (Stream<Path> listed = Files.list(folder)) {
            return listed.filter(path -> String.valueOf(path.getFileName()).startsWith(part + WRITING))
                    .toList();
        }
    }

    /** Another process may have been faster, with the same bytes. */
    private void place(Path writing, Path kept) throws IOException {
        if (isWhole(kept)) {
            return;
        }
        DurableFiles.deleteFolder(kept, effects); // a damaged one
        try {
            DurableFiles.rename(writing, kept, effects);
        } catch (FileSystemException e) {
            if (!isWhole(kept)) {
                throw e;
            }
        }
    }

    /** Lines {@code <sha256>  <name>}, by name, of the files of a part, which are on the disk when this returns. */
    private String digests(Path part) throws IOException {
        StringBuilder text = new StringBuilder(FORMAT).append('\n');
        for (Path file : files(part)) {
            effects.before();
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            effects.after();
            text.append(line(file));
        }
        return text.toString();
    }

    private static boolean isWhole(Path part) throws IOException {
        if (!Files.isDirectory(part)) {
            return false;
        }
        try {
            StringBuilder text = new StringBuilder(FORMAT).append('\n');
            for (Path file : files(part)) {
                text.append(line(file));
            }
            return Arrays.equals(
                    RegularFile.read(part.resolve(DIGESTS), ReadLimit.STORE_FILE_BYTES),
                    text.toString().getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchFileException | RegularFile.NotRegularException | RegularFile.TooLargeException e) {
            return false;
        }
    }

    private static String line(Path file) throws IOException {
        return FileDigest.of(file).sha256() + "  " + file.getFileName() + "\n";
    }

    private static List<Path> files(Path part) throws IOException {
        try (Stream<Path> listed = Files.list(part)) {
            return listed.filter(file -> !file.endsWith(DIGESTS)).sorted().toList();
        }
    }

    private static void removeEpoch(Path epoch, DurableEffects effects) throws IOException {
        if (Files.isSymbolicLink(epoch)) {
            DurableFiles.deleteFolder(epoch, effects);
            return;
        }
        try (Stream<Path> parts = Files.list(epoch)) {
            for (Path part : parts.toList()) {
                DurableFiles.deleteFolder(part, effects);
            }
        }
        DurableFiles.deleteFolder(epoch, effects);
    }

    private static PerduraException unavailable(Path folder, IOException e) {
        return new PerduraException(
                ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                folder + ": can't keep what was prepared (" + e + "); free space or make the folder writable",
                e);
    }
}
