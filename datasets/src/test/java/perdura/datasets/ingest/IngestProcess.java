package perdura.datasets.ingest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.IngestSpec;

/** A process that ingests a hand-made data set. */
final class IngestProcess {
    private IngestProcess() {}

    /**
     * Arguments: root of the data set, artifact root, instant to halt at or -1. Says that it is there, waits for a line, prints the
     * digest.
     */
    public static void main(String[] args) throws IOException {
        Path root = Path.of(args[0]);
        long halt = Long.parseLong(args[2]);
        System.out.println("there");
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        IngestSpec spec = TestingMimic.spec(root, 4);
        DurableEffects effects = halt < 0 ? DurableEffects.counting() : DurableEffects.haltingAt(halt);
        try (Ingest ingest = Ingest.open(spec, Path.of(args[1]), effects)) {
            System.out.println(ingest.makeAll(2, () -> {}).digest());
        }
    }

    /** Starts one; stderr joins stdout. */
    static Process start(Path root, Path artifacts, long halt) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                IngestProcess.class.getName(),
                root.toString(),
                artifacts.toString(),
                String.valueOf(halt));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }
}
