package perdura.training.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import perdura.datasets.file.PrivateFiles;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.Sha256;

/**
 * A new file that is written once from front to end in large chunks, while its digest is computed. Without a file it
 * only computes the digest. Not thread-safe.
 */
final class DigestingFile implements AutoCloseable {
    /** Large enough that a chunk costs no more than its bytes. */
    private static final int CHUNK_BYTES = 8 << 20;

    private final @Nullable FileChannel channel;
    private final DurableEffects effects;
    private final MessageDigest digest = Sha256.start();
    private final ByteBuffer chunk;
    private long sizeBytes;

    private DigestingFile(@Nullable FileChannel channel, DurableEffects effects, long expectedBytes) {
        this.channel = channel;
        this.effects = effects;
        this.chunk = ByteBuffer.allocateDirect((int) Math.max(4096, Math.min(CHUNK_BYTES, expectedBytes)));
    }

    /**
     * @param expectedBytes about how large the file becomes, to size the chunk
     * @throws IOException if the file is there already, or its folder is not
     */
    static DigestingFile create(Path file, DurableEffects effects, long expectedBytes) throws IOException {
        FileChannel channel = PrivateFiles.createNew(file);
        return new DigestingFile(channel, effects, expectedBytes);
    }

    static DigestingFile digestOnly(long expectedBytes) {
        return new DigestingFile(null, DurableEffects.counting(), expectedBytes);
    }

    /** Takes the bytes from position to limit; the buffer is not changed. */
    void write(ByteBuffer bytes) throws IOException {
        ByteBuffer rest = bytes.duplicate();
        while (rest.hasRemaining()) {
            int length = Math.min(rest.remaining(), chunk.remaining());
            ByteBuffer part = rest.slice(rest.position(), length);
            rest.position(rest.position() + length);
            if (length == chunk.capacity()) {
                emit(part); // a whole chunk needs no copy
            } else {
                chunk.put(part);
                if (!chunk.hasRemaining()) {
                    flush();
                }
            }
        }
    }

    /** Writes what is left and brings all bytes to the disk. */
    FileDigest finish() throws IOException {
        flush();
        if (channel != null) {
            effects.before();
            channel.force(true);
            effects.after();
        }
        return new FileDigest(sizeBytes, HexFormat.of().formatHex(digest.digest()));
    }

    private void flush() throws IOException {
        chunk.flip();
        if (chunk.hasRemaining()) {
            emit(chunk);
        }
        chunk.clear();
    }

    private void emit(ByteBuffer part) throws IOException {
        sizeBytes += part.remaining();
        digest.update(part.duplicate());
        if (channel != null) {
            effects.before();
            while (part.hasRemaining()) {
                channel.write(part);
            }
            effects.after();
        }
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }
}
