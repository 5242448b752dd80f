package perdura.cli.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** MLflow's private Python environment in the cache, made once from the pinned list. */
final class MlflowEnvironment {
    private static final String REQUIREMENTS = "mlflow/requirements.txt";
    // The oldest Python that the pinned versions run on; ensurepip is what Debian splits off.
    private static final String PROBE = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))";

    private final CacheFolder cache;
    private final Launcher launcher;
    private final Path log;

    MlflowEnvironment(CacheFolder cache, Launcher launcher, Path log) {
        this.cache = cache;
        this.launcher = launcher;
        this.log = log;
    }

    /** Whether {@link #installIfMissing} has a chance. */
    boolean isPossible() throws InterruptedException {
        return isComplete() || findPython().isPresent();
    }

    /** Whether the environment is there now; not if there is no usable Python, or if the installation failed. */
    boolean installIfMissing(Part.Progress progress) throws InterruptedException {
        Optional<Path> python = isComplete() ? Optional.empty() : findPython();
        if (python.isPresent()) {
            progress.report("installing MLflow into a private environment, once for this machine (1 to 3 minutes)");
            try {
                cache.exclusively("mlflow", () -> install(python.get()));
            } catch (IOException e) {
                progress.report("MLflow cannot be installed: " + e.getMessage());
            }
        }
        return isComplete();
    }

    /** Where its programs are. */
    Path bin() {
        return folder().resolve("bin");
    }

    Path folder() {
        return cache.folder().resolve("mlflow").resolve(CacheFolder.shortHash(CacheFolder.tool(REQUIREMENTS)));
    }

    private boolean isComplete() {
        return Files.exists(marker());
    }

    private Path marker() {
        return folder().resolve("complete");
    }

    private Optional<Path> findPython() throws InterruptedException {
        Optional<Path> python = launcher.findProgram("python3");
        if (python.isPresent() && launcher.run(List.of(python.get().toString(), "-c", PROBE), Map.of(), log) != 0) {
            return Optional.empty();
        }
        return python;
    }

    private void install(Path python) throws IOException, InterruptedException {
        if (isComplete()) {
            return; // another process was faster
        }
        Path folder = folder();
        Files.createDirectories(folder);
        Path requirements = folder.resolve("requirements.txt");
        Files.write(requirements, CacheFolder.tool(REQUIREMENTS));
        String inside = folder.resolve("bin").resolve("python").toString();
        Optional<Path> uv = launcher.findProgram("uv");
        boolean done;
        if (uv.isPresent()) {
            String program = uv.get().toString();
            done = runs(program, "venv", "--allow-existing", "--python", python.toString(), folder.toString())
                    && runs(
                            program,
                            "pip",
                            "install",
                            "--python",
                            inside,
                            "--compile-bytecode",
                            "--no-deps",
                            "-r",
                            requirements.toString());
        } else {
            done = runs(python.toString(), "-m", "venv", folder.toString())
                    && runs(inside, "-m", "pip", "install", "--no-deps", "-r", requirements.toString());
        }
        if (done) {
            Files.createFile(marker());
        }
    }

    private boolean runs(String... command) throws InterruptedException {
        return launcher.run(List.of(command), Map.of(), log) == 0;
    }
}
