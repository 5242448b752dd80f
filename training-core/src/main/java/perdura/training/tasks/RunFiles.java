package perdura.training.tasks;

import java.nio.file.Path;

/** Where a trial leaves files for people to look at. */
@FunctionalInterface
public interface RunFiles {
    /**
     * Shows a file with the trial's run; the same path again replaces it.
     *
     * @param path where it is shown, for instance {@code sampling/images.json}
     * @param file in the artifact store, where it stays
     */
    void add(String path, Path file);
}
