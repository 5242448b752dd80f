package perdura.cli.stack;

import io.temporal.testserver.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * The embedded Temporal service as a process: {@code EmbeddedTemporal PORT READY_FILE}. It says in the file which process
 * serves, once it has the port, and ends with 1 if it can't have it: what answers there would be another stack's service.
 */
final class EmbeddedTemporal {
    private EmbeddedTemporal() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int port = Integer.parseInt(arguments[0]);
        try {
            TestServer.createPortBoundServer(port);
        } catch (RuntimeException e) {
            System.err.println("the embedded Temporal service can't listen on port " + port + ": " + e);
            System.exit(1); // threads of the half-started service would go on
        }
        Files.writeString(
                Path.of(arguments[1]), Long.toString(ProcessHandle.current().pid()));
        new CountDownLatch(1).await(); // until the process is ended
    }

    /** Whether the process has the port: what it wrote into the file. */
    static boolean isServing(long pid, Path readyFile) {
        try {
            return Files.readString(readyFile).equals(Long.toString(pid));
        } catch (IOException e) {
            return false;
        }
    }
}
