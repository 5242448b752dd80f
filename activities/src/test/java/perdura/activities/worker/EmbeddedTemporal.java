package perdura.activities.worker;

import io.temporal.testserver.TestServer;
import io.temporal.testserver.TestServer.PortBoundTestServer;
import java.io.IOException;
import java.net.ServerSocket;

/** The embedded Temporal service on a free port, in real time. */
final class EmbeddedTemporal implements AutoCloseable {
    private final int port;
    private final PortBoundTestServer server;

    EmbeddedTemporal() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        server = TestServer.createPortBoundServer(port);
    }

    TemporalConfig config() {
        return TemporalConfig.plain("127.0.0.1:" + port);
    }

    @Override
    public void close() {
        server.close();
    }
}
