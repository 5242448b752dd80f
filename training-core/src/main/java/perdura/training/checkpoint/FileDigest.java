package perdura.training.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
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
        MessageDigest digest = Sha256.start();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.max(1, Math.min(CHUNK_BYTES, size)));
            long done = 0;
            while (channel.read(chunk.clear()) >= 0) {
                digest.update(chunk.flip());
                done += chunk.limit();
            }
            return new FileDigest(done, HexFormat.of().formatHex(digest.digest()));
        }
    }
}
