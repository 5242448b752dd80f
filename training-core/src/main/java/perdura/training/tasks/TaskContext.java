package perdura.training.tasks;

import java.nio.file.Path;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ResourceSpec;

/**
 * Where a trial is trained.
 *
 * @param artifactRoot folder in which what trials share is kept
 * @param runFolder folder of the trial's run in the artifact store; what is left there beside {@code files} is shown to nobody
 * @param resources device, and threads of the engine and of the loaders, at least 1
 * @param attempt number of this attempt at the run, from 1
 * @param alive to be called now and then by what takes long and is no step
 * @param files what is to be shown with the trial's run
 */
public record TaskContext(
        Path artifactRoot,
        Path runFolder,
        ResourceSpec resources,
        long attempt,
        DurableEffects effects,
        Runnable alive,
        RunFiles files) {

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
}
