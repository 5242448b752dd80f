package perdura.cli.stack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** Chooses ports that nobody listens on. */
final class Ports {
    private Ports() {}

    /** The first free one of {@code wanted}, in order; zeros are skipped; else any free port outside {@code taken}. */
    static int choose(List<Integer> wanted, List<Integer> taken) {
        for (int port : wanted) {
            if (port > 0 && !taken.contains(port) && isFree(port)) {
                return port;
            }
        }
        while (true) {
            int port = anyFree();
            if (!taken.contains(port)) {
                return port;
            }
        }
    }

    /** Whether a server could listen on the port now, on all addresses. */
    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether something answers on the port of this machine. */
    static boolean isOpen(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int anyFree() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new PerduraException(ErrorCode.SERVICE_UNAVAILABLE, "no free port on this machine", e);
        }
    }
}
