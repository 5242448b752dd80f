package perdura.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * Memory and time of a training step of PRIOR's stages 1 and 3, over whole batches and in chunks of 8, for growing batches: images of
 * 224 pixels, a narrow model. Each is a process of its own; its peak is that of anonymous memory, above what it has before
 * the first step. Arguments: batch sizes (default 16 64).
 */
public final class ChunkMemoryBenchmark {
    private static final String CHUNK = "8";

    private ChunkMemoryBenchmark() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        List<String> batches = args.length > 0 ? List.of(args) : List.of("16", "64");
        for (String stage : List.of("1", "3")) {
            System.out.printf("stage %s%n", stage);
            for (String batch : batches) {
                System.out.printf("  batch %-4s whole        %s%n", batch, run(stage, batch, batch));
                System.out.printf("  batch %-4s in chunks    %s%n", batch, run(stage, batch, CHUNK));
            }
        }
    }

    private static String run(String stage, String batch, String chunk) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx64m", // so that it is the engine that is measured
                        "-XX:+UseSerialGC",
                        "-Dai.djl.offline=true",
                        "-DOPT_OUT_TRACKING=true",
                        "-cp",
                        Objects.requireNonNull(System.getProperty("java.class.path")),
                        ChunkMemoryProbe.class.getName(),
                        stage,
                        batch,
                        chunk)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String found = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException("a step ended with status " + process.exitValue());
        }
        return found;
    }
}
