package perdura.cli.stack;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import perdura.grids.spec.Sha256;

/**
 * Where things that are built once for all work folders lie, and the files of ours that they are built from.
 *
 * @param folder for instance {@code ~/.cache/perdura}
 */
record CacheFolder(Path folder) {
    /** {@code $XDG_CACHE_HOME/perdura}, or {@code ~/.cache/perdura}. */
    static CacheFolder of(Map<String, String> environment) {
        String base = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path caches = base.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(base);
        return new CacheFolder(caches.resolve("perdura").toAbsolutePath());
    }

    /** A file of the folder {@code tools} of the source tree, which travels on the class path. */
    static byte[] tool(String path) {
        try (InputStream in = CacheFolder.class.getResourceAsStream("/perdura/tools/" + path)) {
            if (in == null) {
                throw new IllegalStateException("the class path lacks perdura/tools/" + path);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first 16 hexadecimal digits of the SHA-256. */
    static String shortHash(byte[] bytes) {
        return Sha256.of(bytes).substring(0, 16);
    }

    /** Work that only one process of this user does at a time. */
    interface Work {
        void run() throws IOException, InterruptedException;
    }

    /** Runs while no other process holds the lock of the same name. */
    void exclusively(String name, Work work) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Path lockFile = folder.resolve(name + ".lock");
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            if (held.isValid()) {
                work.run();
            }
        }
    }
}
