package perdura.training.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of bytes and files. */
final class Sha256 {
    private static final int CHUNK_BYTES = 8 << 20;

    private Sha256() {}

    static MessageDigest start() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    static String of(byte[] bytes) {
        return HexFormat.of().formatHex(start().digest(bytes));
    }

    static FileDigest of(Path file) throws IOException {
        MessageDigest digest = start();
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
