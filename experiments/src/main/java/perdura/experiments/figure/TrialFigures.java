package perdura.experiments.figure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.training.figure.Picture;
import perdura.training.figure.WholeFile;

/** The pictures that the test of a trial has left in the folder of its run. They show images of the data set. */
public final class TrialFigures {
    private TrialFigures() {}

    /**
     * Copies them.
     *
     * @param folder is made if it is not there
     * @return the copies, by name
     * @throws PerduraException NOT_FOUND if there are none; ARTIFACT_STORE_UNAVAILABLE if they can't be read or copied
     */
    public static List<Path> copy(Path artifactRoot, RunId runId, Path folder) {
        Path left = artifactRoot.toAbsolutePath().resolve(runId.value()).resolve("figures");
        List<Path> copies = new ArrayList<>();
        for (Path file : pictures(left)) {
            Path copy = folder.resolve(String.valueOf(file.getFileName()));
            WholeFile.write(copy, Picture.REMEDY, out -> Files.copy(file, out));
            copies.add(copy);
        }
        if (copies.isEmpty()) {
            throw new PerduraException(
                    ErrorCode.NOT_FOUND,
                    "run " + runId + " has no pictures in " + left
                            + "; trials of the tasks segmentation and detection leave some when they are tested");
        }
        return copies;
    }

    private static List<Path> pictures(Path left) {
        try (Stream<Path> files = Files.list(left)) {
            return files.filter(file -> file.toString().endsWith(".png"))
                    .sorted()
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE, left + ": can't be read; is the store mounted?", e);
        }
    }
}
