package perdura.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import perdura.cli.stack.StackOptions;

/**
 * Ingests of all synthetic sets, with a worker that halts right before or right after one of its durable effects. Another
 * worker goes on, and the data set has the digest of an undisturbed ingest.
 */
class ITIngest {
    private static final int HALTS = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** Stays when the test fails. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path home;

    private Path data = Path.of("");

    @BeforeEach
    void nameFolder() {
        data = home.resolve("sets");
    }

    @Test
    void aCrashInTheMiddleOfAnIngestChangesNothing() throws Exception {
        StackOptions options = new StackOptions(
                StackOptions.Temporal.REAL, StackOptions.Mlflow.NONE, StackOptions.Worker.NONE, List.of(), Map.of());
        try (Platform platform = Platform.start(home, options)) {
            platform.run("data", "synth", "--format", "all", "--patients", "60", "--out", data.toString());
            List<String> differing = new ArrayList<>();
            for (String set : List.of("mimic-cxr", "chexpert", "rsna", "siim")) {
                Undisturbed expected = undisturbed(platform, set);
                System.out.printf("%s: %d instants, digest %s%n", set, expected.instants(), expected.digest());
                for (int halt = 0; halt < HALTS; halt++) {
                    long instant = expected.instants() * (halt + 1) / (HALTS + 1);
                    String digest = halted(platform, set, instant);
                    System.out.printf("%s halted at instant %d: %s%n", set, instant, digest);
                    if (!digest.equals(expected.digest())) {
                        differing.add(set + " " + instant + ": " + digest);
                    }
                }
            }
            assertThat(differing).isEmpty();
        }
    }

    /** What an ingest makes, and at how many instants its worker can be halted. */
    private record Undisturbed(String digest, long instants) {}

    private Undisturbed undisturbed(Platform platform, String set) throws IOException, InterruptedException {
        Path work = home.resolve("counted-" + set);
        Map<String, String> variables = artifacts(set + "-undisturbed");
        try (WorkerProcess worker =
                WorkerProcess.start(platform, work, variables, List.of("-Dperdura.test.countInstants=true"))) {
            String digest = ingest(platform, set, "undisturbed");
            worker.terminate(Duration.ofSeconds(30));
            return new Undisturbed(
                    digest,
                    Long.parseLong(Files.readString(work.resolve("instants")).trim()));
        }
    }

    private String halted(Platform platform, String set, long instant) throws Exception {
        Path work = home.resolve("halted");
        String name = "halted-" + instant;
        Map<String, String> variables = artifacts(set + "-" + name);
        try (WorkerProcess first =
                WorkerProcess.start(platform, work, variables, List.of("-Dperdura.test.supervisorHaltAt=" + instant))) {
            ingest(platform, set, name, "--detach");
            first.awaitDeathOr(() -> false, PATIENCE);
            try (WorkerProcess next = WorkerProcess.start(platform, work, variables, List.of())) {
                String digest = ingest(platform, set, name);
                assertThat(next.isAlive()).isTrue();
                return digest;
            }
        }
    }

    /** Every ingest begins with an empty artifact store. */
    private Map<String, String> artifacts(String name) {
        return Map.of("PERDURA_ARTIFACTS", home.resolve("artifacts-" + name).toString());
    }

    /** Returns the digest, or the id of the ingest if it is not followed. */
    private String ingest(Platform platform, String set, String name, String... flags)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "data",
                "ingest",
                set,
                "--root",
                data.resolve(set).toString(),
                "--image-size",
                "64",
                "--name",
                set + "-" + name,
                "--home",
                home.toString()));
        command.addAll(List.of(flags));
        String result = platform.run(command.toArray(String[]::new)).strip();
        return result.substring(result.lastIndexOf(' ') + 1);
    }
}
