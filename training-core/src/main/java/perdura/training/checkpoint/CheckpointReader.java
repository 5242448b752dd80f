package perdura.training.checkpoint;

import static perdura.training.checkpoint.CheckpointFiles.damaged;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PlainText;
import perdura.grids.spec.Position;
import perdura.grids.spec.Sha256;
import perdura.training.checkpoint.CheckpointFiles.Manifest;
import perdura.training.checkpoint.CheckpointFiles.State;

/** Reads checkpoints. Sizes and digests of all files are checked before a tensor is taken. */
public final class CheckpointReader {
    private CheckpointReader() {}

    /**
     * Reads a checkpoint.
     *
     * @param manifestDigest what the store knows about it
     * @throws PerduraException CHECKPOINT_DAMAGED, with file, expected and actual value, if a byte is not what was written
     *     or a file is missing; ARTIFACT_STORE_UNAVAILABLE if the whole folder of the run is away or reading fails
     */
    public static LoadedCheckpoint read(Path folder, String manifestDigest) {
        return reading(folder, () -> {
            State state = verify(folder, manifestDigest);
            Map<String, List<HostTensor>> sections = new LinkedHashMap<>();
            for (String section : state.sections()) {
                sections.put(section, SafetensorsReader.read(folder.resolve(CheckpointFiles.section(section))));
            }
            return new LoadedCheckpoint(
                    state.position(),
                    state.stateDigest(),
                    state.specHash(),
                    state.parentStep(),
                    new TrainState(sections));
        });
    }

    /**
     * Checks a checkpoint as {@link #read} does, and tells where its weights lie instead of loading them.
     *
     * @throws PerduraException as {@link #read}
     */
    public static Path verifiedWeights(Path folder, String manifestDigest) {
        return verifiedSection(folder, manifestDigest, TrainState.WEIGHTS);
    }

    /**
     * Checks a checkpoint as {@link #read} does, and tells where a section of its state lies instead of loading it.
     *
     * @throws PerduraException as {@link #read}; CHECKPOINT_DAMAGED if its state has no such section
     */
    public static Path verifiedSection(Path folder, String manifestDigest, String section) {
        return reading(folder, () -> {
            if (!verify(folder, manifestDigest).sections().contains(section)) {
                throw damaged(folder, "its state has no section " + section);
            }
            return folder.resolve(CheckpointFiles.section(section));
        });
    }

    private interface Reading<T> {
        T run() throws IOException;
    }

    private static <T> T reading(Path folder, Reading<T> reading) {
        try {
            return reading.run();
        } catch (NoSuchFileException e) {
            Path runFolder = folder.toAbsolutePath().getParent();
            if (runFolder == null || !Files.isDirectory(runFolder)) {
                throw unavailable(folder, e);
            }
            throw new PerduraException(
                    ErrorCode.CHECKPOINT_DAMAGED, e.getFile() + ": is missing, expected a file of the checkpoint", e);
        } catch (RegularFile.NotRegularException e) {
            throw new PerduraException(
                    ErrorCode.CHECKPOINT_DAMAGED, e.getFile() + ": can't be read (" + RegularFile.reason(e) + ")", e);
        } catch (IOException e) {
            if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(folder)) {
                throw new PerduraException(
                        ErrorCode.CHECKPOINT_DAMAGED, folder + ": is no folder, expected that of a checkpoint", e);
            }
            throw unavailable(folder, e);
        }
    }

    private static PerduraException unavailable(Path folder, IOException e) {
        return new PerduraException(
                ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                folder + ": can't be read (" + RegularFile.reason(e) + "); is the store mounted?",
                e);
    }

    static State verify(Path folder, String manifestDigest) throws IOException {
        Path manifestFile = folder.resolve(CheckpointFiles.MANIFEST);
        byte[] manifest = CheckpointFiles.bytes(manifestFile);
        String actual = Sha256.of(manifest);
        if (!actual.equals(manifestDigest)) {
            throw damaged(manifestFile, "SHA-256 is " + actual + ", expected " + manifestDigest);
        }
        Map<String, FileDigest> files =
                CheckpointFiles.parse(manifestFile, manifest, Manifest.class).files();
        for (Map.Entry<String, FileDigest> file : files.entrySet()) {
            checkFile(folder.resolve(file.getKey()), file.getValue());
        }
        return state(folder.resolve(CheckpointFiles.STATE), files);
    }

    private static void checkFile(Path file, FileDigest expected) throws IOException {
        long size = RegularFile.require(file).size();
        if (size != expected.sizeBytes()) {
            throw damaged(file, "has " + size + " bytes, expected " + expected.sizeBytes());
        }
        String sha256 = FileDigest.of(file).sha256();
        if (!sha256.equals(expected.sha256())) {
            throw damaged(file, "SHA-256 is " + sha256 + ", expected " + expected.sha256());
        }
    }

    private static State state(Path file, Map<String, FileDigest> files) throws IOException {
        State state = CheckpointFiles.read(file, State.class);
        Map<String, FileDigest> sections = new LinkedHashMap<>();
        for (String name : state.sections()) {
            FileDigest section = files.get(CheckpointFiles.section(name));
            if (section == null) {
                throw damaged(file, "the manifest has no file of the section " + PlainText.shown(name));
            }
            sections.put(name, section);
        }
        String stateDigest;
        try {
            stateDigest = StateDigest.of(state.position(), sections);
        } catch (IllegalArgumentException e) {
            throw damaged(file, String.valueOf(e.getMessage()));
        }
        if (!stateDigest.equals(state.stateDigest())) {
            throw damaged(
                    file, "stateDigest is \"" + PlainText.shown(state.stateDigest()) + "\", expected " + stateDigest);
        }
        return state;
    }

    /**
     * What a checkpoint holds, every byte checked.
     *
     * @param specHash hash of the spec whose run wrote it
     * @param parentStep step of the commit that its attempt began at or made last; null for none
     */
    public record LoadedCheckpoint(
            Position position,
            String stateDigest,
            String specHash,
            @Nullable Long parentStep,
            TrainState state) {}
}
