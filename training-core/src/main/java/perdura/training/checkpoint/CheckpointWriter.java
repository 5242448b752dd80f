package perdura.training.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.datasets.file.PrivateFiles;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.grids.spec.Sha256;
import perdura.training.checkpoint.CheckpointFiles.Manifest;
import perdura.training.checkpoint.CheckpointFiles.State;

/**
 * Writes the checkpoints of one attempt: a folder {@code <artifactRoot>/<run>/<stage>-<epoch>-<step>-<digest8>} with
 * a safetensors file for each section of the state, {@code state.json} and a manifest of their digests. A folder gets its name only when all of it
 * is on disk, so a crash at any instant leaves either no checkpoint or a whole one.
 */
public final class CheckpointWriter {
    private final Path artifactRoot;
    private final Path runFolder;
    private final long fence;
    private final String specHash;
    private final DurableEffects effects;

    /**
     * @param artifactRoot the artifact store's folder; made if it is not there
     * @param fence the attempt's number, which marks what it has not finished writing
     * @param specHash what the manifest says about the spec
     */
    public CheckpointWriter(Path artifactRoot, RunId runId, long fence, String specHash, DurableEffects effects) {
        this.artifactRoot = artifactRoot.toAbsolutePath().normalize();
        this.runFolder = this.artifactRoot.resolve(runId.value());
        this.fence = fence;
        this.specHash = specHash;
        this.effects = effects;
    }

    /**
     * Writes the state, and returns when it is on disk. If this very state lies there complete, it is kept as it is.
     *
     * @param parentStep step of the commit before, or null
     * @throws PerduraException ARTIFACT_STORE_UNAVAILABLE if the disk is full or can't be written; nothing is left then,
     *     and older checkpoints are untouched
     */
    public Checkpoint write(Position position, TrainState state, @Nullable Long parentStep) {
        Path writing = runFolder.resolve(CheckpointFiles.WRITING + fence + "-" + position.step());
        try {
            makeRunFolder();
            DurableFiles.deleteFolder(writing, effects);
            PrivateFiles.createDirectory(writing);
            return publish(writing, fill(writing, position, state, parentStep));
        } catch (IOException e) {
            PerduraException failure = new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                    runFolder + ": can't write the checkpoint of step " + position.step() + " (" + e
                            + "); free space or make the folder writable",
                    e);
            try {
                DurableFiles.deleteFolder(writing, effects);
            } catch (IOException alsoBad) {
                failure.addSuppressed(alsoBad);
            }
            throw failure;
        }
    }

    private void makeRunFolder() throws IOException {
        if (!Files.isDirectory(runFolder)) {
            PrivateFiles.createDirectories(runFolder);
            DurableFiles.syncFolder(artifactRoot, effects);
        }
    }

    private Checkpoint fill(Path folder, Position position, TrainState state, @Nullable Long parentStep)
            throws IOException {
        Map<String, FileDigest> files = new TreeMap<>();
        Map<String, FileDigest> sections = new LinkedHashMap<>();
        for (Map.Entry<String, List<HostTensor>> section : state.sections().entrySet()) {
            String file = CheckpointFiles.section(section.getKey());
            FileDigest digest = SafetensorsWriter.write(folder.resolve(file), section.getValue(), effects);
            sections.put(section.getKey(), digest);
            files.put(file, digest);
        }
        String stateDigest = StateDigest.of(position, sections);
        State written = new State(
                CheckpointFiles.FORMAT,
                position.stage(),
                position.epoch(),
                position.step(),
                List.copyOf(sections.keySet()),
                stateDigest,
                specHash,
                parentStep);
        files.put(CheckpointFiles.STATE, writeJson(folder, CheckpointFiles.STATE, written));
        FileDigest manifest = writeJson(
                folder, CheckpointFiles.MANIFEST, new Manifest(CheckpointFiles.FORMAT, files, specHash, parentStep));
        long sizeBytes = manifest.sizeBytes()
                + files.values().stream().mapToLong(FileDigest::sizeBytes).sum();
        Path target = runFolder.resolve(CheckpointFiles.name(position, stateDigest));
        return new Checkpoint(target, position, stateDigest, manifest.sha256(), sizeBytes);
    }

    private FileDigest writeJson(Path folder, String name, Record content) throws IOException {
        return DurableFiles.write(folder.resolve(name), CheckpointFiles.json(content), effects);
    }

    /** Gives the written folder its name. An earlier attempt may have got as far as this with the same state. */
    private Checkpoint publish(Path writing, Checkpoint written) throws IOException {
        DurableFiles.syncFolder(writing, effects);
        Path target = written.folder();
        Checkpoint published = written;
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            DurableFiles.rename(writing, target, effects);
        } else if (isComplete(target, written)) {
            DurableFiles.deleteFolder(writing, effects);
            published = new Checkpoint(
                    target,
                    written.position(),
                    written.stateDigest(),
                    FileDigest.of(target.resolve(CheckpointFiles.MANIFEST)).sha256(),
                    written.sizeBytes());
        } else {
            new CheckpointCleaner(runFolder, effects).remove(target);
            DurableFiles.rename(writing, target, effects);
        }
        DurableFiles.syncFolder(runFolder, effects);
        return published;
    }

    private static boolean isComplete(Path target, Checkpoint written) throws IOException {
        if (!Files.isDirectory(target)) {
            return false;
        }
        try {
            String manifest = Sha256.of(CheckpointFiles.bytes(target.resolve(CheckpointFiles.MANIFEST)));
            return CheckpointReader.verify(target, manifest).stateDigest().equals(written.stateDigest());
        } catch (NoSuchFileException | RegularFile.NotRegularException | PerduraException damaged) {
            return false;
        }
    }
}
