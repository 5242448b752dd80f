package perdura.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between client and server, and breaks the connection at the next COMMITs, on one side of it or the other. */
final class CuttingProxy implements AutoCloseable {
    private final ServerSocket listener;
    private final int serverPort;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicInteger before = new AtomicInteger();
    private final AtomicInteger after = new AtomicInteger();

    CuttingProxy(int serverPort) throws IOException {
        this.serverPort = serverPort;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** The next COMMIT never reaches the server. */
    void cutBeforeCommit() {
        before.incrementAndGet();
    }

    /** The next COMMIT reaches the server, and its answer is lost. */
    void cutAfterCommit() {
        after.incrementAndGet();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
                sockets.add(client);
                sockets.add(server);
                Link link = new Link(client, server);
                start(link::clientToServer);
                start(link::serverToClient);
            }
        } catch (IOException e) {
            // closed: the test is over
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "cutting-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        closeQuietly(listener::close);
        sockets.forEach(socket -> closeQuietly(socket::close));
    }

    private interface Closing {
        void close() throws IOException;
    }

    private static void closeQuietly(Closing closing) {
        try {
            closing.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Link {
        private final Socket client;
        private final Socket server;
        private volatile boolean swallowAnswer;

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void clientToServer() {
            try (InputStream in = client.getInputStream();
                    OutputStream out = server.getOutputStream()) {
                byte[] buffer = new byte[1 << 16];
                for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                    if (contains(buffer, length)) {
                        if (before.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                            break;
                        }
                        swallowAnswer = after.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
                    }
                    out.write(buffer, 0, length);
                    out.flush();
                }
            } catch (IOException e) {
                // the other side is gone
            } finally {
                closeQuietly(client::close);
                closeQuietly(server::close);
            }
        }

        void serverToClient() {
            try (InputStream in = server.getInputStream();
                    OutputStream out = client.getOutputStream()) {
                byte[] buffer = new byte[1 << 16];
                for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                    if (swallowAnswer) {
                        break; // the server has committed: this is its answer
                    }
                    out.write(buffer, 0, length);
                    out.flush();
                }
            } catch (IOException e) {
                // the other side is gone
            } finally {
                closeQuietly(client::close);
                closeQuietly(server::close);
            }
        }

        private static boolean contains(byte[] buffer, int length) {
            return new String(buffer, 0, length, StandardCharsets.ISO_8859_1).contains("COMMIT");
        }
    }
}
