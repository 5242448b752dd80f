package perdura.benchmarks;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import perdura.activities.worker.TemporalConfig;

/** The real Temporal server with an empty database, as the local stack starts it. */
final class ScratchTemporal implements AutoCloseable {
    private final Process process;
    private final TemporalConfig config;

    /**
     * A server that is about to listen.
     *
     * @param program the binary that {@code perdura up} builds
     * @param folder of its database
     */
    ScratchTemporal(String program, Path folder) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        config = TemporalConfig.plain("127.0.0.1:" + port);
        process = new ProcessBuilder(List.of(
                        program,
                        "server",
                        "start-dev",
                        "--headless",
                        "--ip",
                        "127.0.0.1",
                        "--port",
                        Integer.toString(port),
                        "--db-filename",
                        folder.resolve("temporal.db").toString(),
                        "--log-level",
                        "error",
                        "--sqlite-pragma",
                        "journal_mode=wal",
                        "--sqlite-pragma",
                        "synchronous=1",
                        "--dynamic-config-value",
                        "matching.enableFairness=true",
                        "--dynamic-config-value",
                        "matching.numTaskqueueReadPartitions=1",
                        "--dynamic-config-value",
                        "matching.numTaskqueueWritePartitions=1"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    TemporalConfig config() {
        return config;
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
