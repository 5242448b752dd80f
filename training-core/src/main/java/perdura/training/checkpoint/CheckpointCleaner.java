package perdura.training.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;

/**
 * Removes checkpoints that the store no longer wants, and what dead attempts left behind. Removing what is gone already
 * does nothing.
 */
public final class CheckpointCleaner {
    private static final Pattern COMPLETE = Pattern.compile("\\d+-\\d+-\\d+-[0-9a-f]{8}");
    private static final Pattern UNFINISHED = Pattern.compile("\\.writing-(\\d{1,18})-\\d+");

    private final Path runFolder;
    private final DurableEffects effects;

    /** @param runFolder of one run: what is in it may be removed */
    CheckpointCleaner(Path runFolder, DurableEffects effects) {
        this.runFolder = runFolder;
        this.effects = effects;
    }

    public CheckpointCleaner(Path artifactRoot, RunId runId, DurableEffects effects) {
        this(artifactRoot.toAbsolutePath().normalize().resolve(runId.value()), effects);
    }

    /**
     * Removes one checkpoint. It loses its name first, so that a crash never leaves a part of it under that name, and
     * an attempt that still writes to it fails.
     *
     * @param folder in the folder of this run
     * @throws PerduraException ARTIFACT_STORE_UNAVAILABLE if the store can't be written
     */
    public void remove(Path folder) {
        Path name = folder.getFileName();
        if (name == null || !runFolder.equals(folder.getParent())) {
            throw new IllegalArgumentException("a checkpoint of this run lies in " + runFolder + ", was " + folder);
        }
        Path removing = name.toString().startsWith(CheckpointFiles.REMOVING)
                ? folder // by somebody who died
                : runFolder.resolve(CheckpointFiles.REMOVING + name);
        try {
            DurableFiles.deleteFolder(removing, effects);
            if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
                DurableFiles.rename(folder, removing, effects);
                DurableFiles.deleteFolder(removing, effects);
            }
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE, folder + ": can't be removed (" + e + ")", e);
        }
    }

    /**
     * Folders that earlier attempts of the run wrote and never published, or that lost their place in the store.
     *
     * @param fence unfinished folders of this or a later attempt are none
     * @param published folders of all checkpoints that the store holds
     * @throws PerduraException ARTIFACT_STORE_UNAVAILABLE if the store can't be read
     */
    public List<Path> leftovers(long fence, Collection<Path> published) {
        Set<Path> keep = absolute(published);
        return entries(folder -> isUnfinished(folder, fence) || (isComplete(folder) && !keep.contains(folder)));
    }

    /**
     * Folders that look like checkpoints of the run, but that nobody has told the store of: of an attempt that died before it
     * could publish, or of somebody else.
     *
     * @param known folders of all checkpoints that the store has ever held
     */
    public List<Path> unknown(Collection<Path> known) {
        Set<Path> keep = absolute(known);
        return entries(folder -> isComplete(folder) && !keep.contains(folder));
    }

    /**
     * As {@link #leftovers}, without those that are {@link #unknown}: what is unfinished, and what has lost its place in the store.
     *
     * @param pruned folders of checkpoints that the store has given up
     */
    public List<Path> givenUp(long fence, Collection<Path> pruned) {
        Set<Path> lost = absolute(pruned);
        return entries(folder -> isUnfinished(folder, fence) || lost.contains(folder));
    }

    private static Set<Path> absolute(Collection<Path> folders) {
        return folders.stream().map(path -> path.toAbsolutePath().normalize()).collect(Collectors.toSet());
    }

    /** A link in place of the run's folder leads to what is not the run's. */
    private List<Path> entries(Predicate<Path> wanted) {
        if (!Files.isDirectory(runFolder, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(runFolder)) {
            return entries.filter(wanted).sorted().toList();
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                    runFolder + ": can't be read (" + RegularFile.reason(e) + ")",
                    e);
        }
    }

    private static boolean isUnfinished(Path folder, long fence) {
        String name = String.valueOf(folder.getFileName());
        Optional<Long> writer = writer(name);
        return name.startsWith(CheckpointFiles.REMOVING) || (writer.isPresent() && writer.get() < fence);
    }

    private static boolean isComplete(Path folder) {
        return COMPLETE.matcher(String.valueOf(folder.getFileName())).matches();
    }

    /**
     * Removes {@link #leftovers}. To be called when no attempt older than {@code fence} can publish any more, for instance by an
     * attempt right after its claim.
     *
     * @throws PerduraException ARTIFACT_STORE_UNAVAILABLE if the store can't be written
     */
    public void sweep(long fence, Collection<Path> published) {
        leftovers(fence, published).forEach(this::remove);
    }

    private static Optional<Long> writer(String name) {
        Matcher matcher = UNFINISHED.matcher(name);
        return matcher.matches() ? Optional.of(Long.valueOf(matcher.group(1))) : Optional.empty();
    }
}
