package perdura.testkit;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the golden fixtures lie: {@code reference/golden} of the repository, or the folder that the property names. */
public final class GoldenFolder {
    private static final String PROPERTY = "perdura.golden.dir";

    private GoldenFolder() {}

    /**
     * A file or folder among the fixtures.
     *
     * @param name its path below the golden folder, for instance {@code prior/lam.json}
     * @throws IllegalStateException if no property names the folder and the working folder is outside of the repository
     */
    public static Path resolve(String name) {
        return root().resolve(name);
    }

    private static Path root() {
        String named = System.getProperty(PROPERTY, "");
        if (!named.isBlank()) {
            return Path.of(named);
        }
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path golden = folder.resolve("reference").resolve("golden");
            if (Files.isDirectory(golden)) {
                return golden;
            }
        }
        throw new IllegalStateException("no folder reference/golden in or above "
                + Path.of("").toAbsolutePath() + "; start in the repository or set -D" + PROPERTY);
    }
}
