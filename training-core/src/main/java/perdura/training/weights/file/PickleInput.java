package perdura.training.weights.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import perdura.grids.spec.PerduraException;

/** The bytes of a part of a file, one after another. Reading past its end is a fault with the place. */
final class PickleInput {
    private static final int WINDOW_BYTES = 1 << 13;

    private final FileChannel channel;
    private final String part;
    private final long begin;
    private final long end;
    private final ByteBuffer window =
            ByteBuffer.allocate(WINDOW_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    private long windowEnd;

    /**
     * @param part file and member, for messages
     * @param begin of the part in the file; places in messages count from it
     */
    PickleInput(FileChannel channel, String part, long begin, long end) {
        this.channel = channel;
        this.part = part;
        this.begin = begin;
        this.end = end;
        this.windowEnd = begin;
    }

    /** The next byte's place, counted from the part's begin. */
    long offset() {
        return windowEnd - window.remaining() - begin;
    }

    int u8() throws IOException {
        return ensure(1).get() & 0xFF;
    }

    int u16() throws IOException {
        return ensure(2).getShort() & 0xFFFF;
    }

    int i32() throws IOException {
        return ensure(4).getInt();
    }

    long i64() throws IOException {
        return ensure(8).getLong();
    }

    /** A float64, most significant byte first, as pickles write it. */
    double bigEndianDouble() throws IOException {
        return Double.longBitsToDouble(Long.reverseBytes(i64()));
    }

    /** @param length at most {@code most}, else it is a fault at {@code at} */
    byte[] bytes(long length, int most, long at) throws IOException {
        if (length < 0 || length > most) {
            throw fault(at, "a length of " + Long.toUnsignedString(length) + " bytes; at most " + most + " are read");
        }
        if (length > end - begin - offset()) {
            throw fault(at, "needs " + length + " bytes, but only " + (end - begin - offset()) + " follow");
        }
        byte[] bytes = new byte[(int) length];
        int done = 0;
        while (done < bytes.length) {
            int step = Math.min(bytes.length - done, WINDOW_BYTES);
            ensure(step).get(bytes, done, step);
            done += step;
        }
        return bytes;
    }

    String text(long length, int most, long at) throws IOException {
        return decode(bytes(length, most, at), StandardCharsets.UTF_8, at);
    }

    /** A line without its end. */
    String line(int most, long at) throws IOException {
        byte[] line = new byte[most];
        for (int length = 0; length < most; length++) {
            byte next = (byte) u8();
            if (next == '\n') {
                return decode(Arrays.copyOf(line, length), StandardCharsets.UTF_8, at);
            }
            line[length] = next;
        }
        throw fault(at, "a name of more than " + most + " bytes");
    }

    private String decode(byte[] bytes, Charset charset, long at) {
        try {
            return charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw fault(at, "a text that is not " + charset);
        }
    }

    private ByteBuffer ensure(int count) throws IOException {
        if (window.remaining() < count) {
            long at = offset();
            if (count > end - begin - at) {
                throw fault(at, "the pickle ends in the middle; is the file truncated?");
            }
            window.compact();
            while (window.position() < count) {
                window.limit((int) Math.min(window.capacity(), window.position() + (end - windowEnd)));
                int read = channel.read(window, windowEnd);
                if (read < 0) {
                    throw fault(at, "the file ends in the middle; is it truncated?");
                }
                windowEnd += read;
            }
            window.flip();
        }
        return window;
    }

    /** @param at place, counted from the part's begin */
    PerduraException fault(long at, String fault) {
        return WeightFault.at(part + ", byte " + at, fault);
    }
}
