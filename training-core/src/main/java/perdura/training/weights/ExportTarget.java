package perdura.training.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.DurableFiles;

/** Where an export goes: written beside its place and then moved there, so that it is whole or not there. */
final class ExportTarget {
    private ExportTarget() {}

    /** Writes a file or a folder that is not there yet. */
    interface Writing {
        void to(Path path) throws IOException;
    }

    /**
     * Has something written and gives it its place.
     *
     * @throws PerduraException INVALID_SPEC if the place is taken; ARTIFACT_STORE_UNAVAILABLE if it can't be written
     */
    static void write(Path out, DurableEffects effects, Writing writing) {
        Path target = out.toAbsolutePath().normalize();
        Path parent = target.getParent();
        if (parent == null || Files.exists(target)) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, target + ": is there already; name a place that is not");
        }
        Path beside = parent.resolve("." + target.getFileName() + ".writing-" + UUID.randomUUID());
        try {
            Files.createDirectories(parent);
            writing.to(beside);
            DurableFiles.rename(beside, target, effects);
            DurableFiles.syncFolder(parent, effects);
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                    target + ": can't be written (" + e + "); free space or name another place",
                    e);
        } finally {
            remove(beside, effects);
        }
    }

    private static void remove(Path beside, DurableEffects effects) {
        try {
            if (Files.isDirectory(beside)) {
                DurableFiles.deleteFolder(beside, effects);
            } else {
                Files.deleteIfExists(beside);
            }
        } catch (IOException e) {
            // it has a name that says what it is
        }
    }
}
