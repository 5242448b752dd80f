package perdura.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Memory of an ingest and of an epoch of training batches, for 1,000 and for 10,000 studies. Each is a process of its own with a
 * heap of 96 MB. Anonymous memory is what a process can't give back; pages of mapped files are the system's cache and don't
 * count. Arguments: studies of the sets (default 1000 10000).
 */
public final class MemoryBenchmark {
    private static final int SIDE = 256;

    private MemoryBenchmark() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        List<String> sizes = args.length > 0 ? List.of(args) : List.of("1000", "10000");
        for (String size : sizes) {
            Path folder = Files.createTempDirectory("perdura-benchmark");
            try {
                DrawnMimic.write(folder.resolve("mimic"), Integer.parseInt(size), SIDE, SIDE);
                System.out.printf("%s studies%n", size);
                for (String part : List.of("ingest", "epoch")) {
                    run(part, folder);
                }
            } finally {
                Radiographs.delete(folder);
            }
        }
    }

    private static void run(String part, Path folder) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx96m",
                        "-cp",
                        Objects.requireNonNull(System.getProperty("java.class.path")),
                        MemoryProbe.class.getName(),
                        part,
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String found = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException(part + " ended with status " + process.exitValue());
        }
        System.out.printf("  %-7s %s%n", part, found);
    }
}
