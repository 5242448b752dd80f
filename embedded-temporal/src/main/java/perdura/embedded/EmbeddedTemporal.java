package perdura.embedded;

import io.grpc.InsecureServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.temporal.internal.testservice.GRPCServerHelper;
import io.temporal.internal.testservice.TestServicesStarter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * The embedded Temporal service as a process: {@code EmbeddedTemporal PORT READY_FILE}. It says in the file which process
 * serves, once it has the port, and ends with 1 if it can't have it: what answers there would be another stack's service.
 */
public final class EmbeddedTemporal {
    private EmbeddedTemporal() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int port = Integer.parseInt(arguments[0]);
        try {
            serve(port);
        } catch (IOException | RuntimeException e) {
            System.err.println("the embedded Temporal service can't listen on port " + port + ": " + e);
            System.exit(1); // threads of the half-started service would go on
        }
        Files.writeString(
                Path.of(arguments[1]), Long.toString(ProcessHandle.current().pid()));
        new CountDownLatch(1).await(); // until the process is ended
    }

    /** On the address of this machine alone: {@code TestServer} would listen on all. */
    private static void serve(int port) throws IOException {
        TestServicesStarter services = new TestServicesStarter(true, 0);
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        NettyServerBuilder server = NettyServerBuilder.forAddress(address, InsecureServerCredentials.create());
        GRPCServerHelper.registerServicesAndHealthChecks(services.getServices(), server);
        server.build().start();
    }
}
