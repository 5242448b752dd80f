package perdura.training.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.Sha256;

/**
 * What a manifest says about a file.
 *
 * @param sha256 64 hexadecimal digits
 */
public record FileDigest(long sizeBytes, String sha256) {
    private static final int CHUNK_BYTES = 8 << 20;

    /** Reads a file and computes both. */
    public static FileDigest of(Path file) throws IOException {
        return of(List.of(file));
    }

    /** Of several files, as if they were one behind the other. */
    public static FileDigest of(List<Path> files) throws IOException {
        MessageDigest digest = Sha256.start();
        long done = 0;
        for (Path file : files) {
            try (FileChannel channel = RegularFile.channel(file)) {
                ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.max(1, Math.min(CHUNK_BYTES, channel.size())));
                while (channel.read(chunk.clear()) >= 0) {
                    digest.update(chunk.flip());
                    done += chunk.limit();
                }
            }
        }
        return new FileDigest(done, HexFormat.of().formatHex(digest.digest()));
    }
}
