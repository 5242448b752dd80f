package perdura.testkit;

import java.nio.file.Path;

/** Where the golden fixtures lie: {@code reference/golden} of the repository, or the folder that a system property names. */
public final class GoldenFolder {
    static final String PROPERTY = "perdura.golden.dir";

    private GoldenFolder() {}

    /**
     * A file or folder among the fixtures.
     *
     * @param name its path below the golden folder, for instance {@code prior/lam.json}
     * @throws IllegalStateException if no property names the folder and the working folder is outside of the repository
     */
    public static Path resolve(String name) {
        String named = System.getProperty(PROPERTY, ""); // Maven always sets it, empty unless the command line does
        Path folder = named.isBlank() ? Repository.resolve("reference/golden") : Path.of(named);
        return folder.resolve(name);
    }
}
