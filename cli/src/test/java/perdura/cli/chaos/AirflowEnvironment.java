package perdura.cli.chaos;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;

/**
 * A private Python environment with a real Airflow, made once under {@code target}. The test is skipped where there is no
 * Python that its pins are for.
 */
final class AirflowEnvironment {
    private static final String PROBE =
            "import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 13))";

    private final Path bin;

    private AirflowEnvironment(Path bin) {
        this.bin = bin;
    }

    static AirflowEnvironment install(AirflowRelease release) throws IOException, InterruptedException {
        byte[] pins = Files.readAllBytes(release.requirements());
        CRC32 checksum = new CRC32();
        checksum.update(pins);
        Path folder = Path.of("target", "airflow", Long.toHexString(checksum.getValue()))
                .toAbsolutePath();
        Path complete = folder.resolve("complete");
        if (!Files.exists(complete)) {
            assumeTrue(runs(folder, List.of("python3", "-c", PROBE)), "Airflow's pins are for Python 3.11 and 3.12");
            String inside = folder.resolve("bin").resolve("python").toString();
            boolean done = runs(folder, List.of("python3", "-m", "venv", folder.toString()))
                    && runs(
                            folder,
                            List.of(
                                    inside,
                                    "-m",
                                    "pip",
                                    "install",
                                    "--no-deps",
                                    "--require-hashes",
                                    "-r",
                                    release.requirements().toString()));
            if (!done) {
                throw new IOException(
                        "Airflow can't be installed: see " + folder.resolveSibling(folder.getFileName() + ".log"));
            }
            Files.createFile(complete);
        }
        return new AirflowEnvironment(folder.resolve("bin"));
    }

    private static boolean runs(Path folder, List<String> command) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Path log = folder.resolveSibling(folder.getFileName() + ".log");
        return new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start()
                        .waitFor()
                == 0;
    }

    /** Where its programs are. */
    Path bin() {
        return bin;
    }
}
