package perdura.cli.figures;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.store.Artifacts;
import perdura.store.Database;

/** Lets MLflow have pictures, with their run. */
public final class LoggedFigures {
    private static final String FOLDER = "figures";

    private LoggedFigures() {}

    /**
     * Keeps copies among the artifacts of the run, and queues them for MLflow.
     *
     * @throws PerduraException ARTIFACT_STORE_UNAVAILABLE if they can't be copied
     */
    public static void log(Database database, Path artifactRoot, RunId runId, List<Path> files) {
        Path folder = artifactRoot.toAbsolutePath().resolve(runId.value()).resolve(FOLDER);
        for (Path file : files) {
            Path kept = folder.resolve(String.valueOf(file.getFileName()));
            Path beside = kept.resolveSibling(kept.getFileName() + ".part");
            try {
                Files.createDirectories(folder);
                Files.copy(file, beside, StandardCopyOption.REPLACE_EXISTING);
                Files.move(beside, kept, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                throw new PerduraException(
                        ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                        kept + " can't be written (" + e.getClass().getSimpleName() + ": " + e.getMessage()
                                + "); make the artifacts' folder writable, or draw without --log",
                        e);
            }
            new Artifacts(database).addArtifact(runId, FOLDER + "/" + kept.getFileName(), kept.toUri());
        }
    }
}
