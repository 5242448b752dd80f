package perdura.experiments.figure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.store.Artifacts;
import perdura.store.Database;
import perdura.training.figure.WholeFile;

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
            WholeFile.write(
                    kept, "make the artifacts' folder writable, or draw without --log", out -> Files.copy(file, out));
            new Artifacts(database).addArtifact(runId, FOLDER + "/" + kept.getFileName(), kept.toUri());
        }
    }
}
