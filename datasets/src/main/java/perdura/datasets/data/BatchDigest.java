package perdura.datasets.data;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import perdura.grids.spec.Sha256;

/** SHA-256 of the batches it is given: equal only if every value of every batch is, to the bit, in the same order. */
public final class BatchDigest {
    private final MessageDigest digest = Sha256.start();

    /** Takes in a batch. */
    public void add(Batch batch) {
        batch.buffers().forEach(this::add);
    }

    private void add(Buffer buffer) {
        ByteBuffer bytes;
        if (buffer instanceof FloatBuffer floats) {
            bytes = littleEndian(floats.remaining(), Float.BYTES);
            bytes.asFloatBuffer().put(floats.duplicate());
        } else if (buffer instanceof LongBuffer longs) {
            bytes = littleEndian(longs.remaining(), Long.BYTES);
            bytes.asLongBuffer().put(longs.duplicate());
        } else {
            throw new IllegalArgumentException("no float or long buffer: " + buffer);
        }
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, buffer.remaining()));
        digest.update(bytes);
    }

    private static ByteBuffer littleEndian(int count, int width) {
        return ByteBuffer.allocate(count * width).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** 64 hexadecimal digits. Ends the digest. */
    public String finish() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
