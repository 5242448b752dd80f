package perdura.testkit;

import java.nio.file.Files;
import java.nio.file.Path;

/** Files of the repository. Maven starts a module's tests in the module's folder, an IDE often in the repository's. */
public final class Repository {
    private static final Path MARK = Path.of("reference", "golden");

    private Repository() {}

    /**
     * A file or folder of the repository.
     *
     * @param name its path below the repository's root, for instance {@code docs/methods/prior.md}
     * @throws IllegalStateException if the working folder is outside of the repository
     */
    public static Path resolve(String name) {
        return rootAbove(Path.of("").toAbsolutePath()).resolve(name);
    }

    /** The nearest folder in or above {@code folder} that has {@code reference/golden}. */
    static Path rootAbove(Path folder) {
        for (Path candidate = folder; candidate != null; candidate = candidate.getParent()) {
            if (Files.isDirectory(candidate.resolve(MARK))) {
                return candidate;
            }
        }
        throw new IllegalStateException("no folder " + MARK + " in or above " + folder);
    }
}
