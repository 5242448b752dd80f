package perdura.datasets.array;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import perdura.datasets.file.PrivateFiles;
import perdura.grids.spec.Sha256;

/** Writes a new {@code .npy} file from front to end. Not thread-safe. */
public final class NpyWriter implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 20;

    private final Path file;
    private final NpyHeader header;
    private final FileChannel channel;
    private final MessageDigest digest;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private long dataBytes;

    private NpyWriter(Path file, NpyHeader header, FileChannel channel) {
        this.file = file;
        this.header = header;
        this.channel = channel;
        this.digest = Sha256.start();
    }

    /**
     * Begins a file.
     *
     * @param shape sizes, outermost first
     * @throws IOException if the file is there already, or can't be written
     */
    public static NpyWriter create(Path file, NpyType type, long... shape) throws IOException {
        NpyHeader header = new NpyHeader(type, Arrays.stream(shape).boxed().toList());
        FileChannel channel = PrivateFiles.createNew(file);
        NpyWriter writer = new NpyWriter(file, header, channel);
        writer.chunk.put(header.bytes());
        return writer;
    }

    /** Adds bytes as they are: whole elements or parts of them. */
    public void put(byte[] bytes, int offset, int length) throws IOException {
        for (int at = offset; at < offset + length; ) {
            int part = Math.min(offset + length - at, chunk.hasRemaining() ? chunk.remaining() : CHUNK_BYTES);
            room(part).put(bytes, at, part);
            at += part;
        }
    }

    public void put(byte[] bytes) throws IOException {
        put(bytes, 0, bytes.length);
    }

    public void putByte(int value) throws IOException {
        room(1).put((byte) value);
    }

    public void putInt(int value) throws IOException {
        room(Integer.BYTES).putInt(value);
    }

    public void putLong(long value) throws IOException {
        room(Long.BYTES).putLong(value);
    }

    public void putFloat(float value) throws IOException {
        room(Float.BYTES).putFloat(value);
    }

    /**
     * Adds an element of a text type.
     *
     * @throws IllegalArgumentException if it is longer than the type's width
     */
    public void putText(String value) throws IOException {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > header.type().sizeBytes()) {
            throw new IllegalArgumentException(
                    "'" + value + "' is longer than " + header.type().sizeBytes() + " bytes");
        }
        put(Arrays.copyOf(bytes, header.type().sizeBytes()));
    }

    /** Where so many bytes go. */
    private ByteBuffer room(int bytes) throws IOException {
        if (chunk.remaining() < bytes) {
            flush();
        }
        dataBytes += bytes;
        return chunk;
    }

    private void flush() throws IOException {
        chunk.flip();
        digest.update(chunk.duplicate());
        while (chunk.hasRemaining()) {
            channel.write(chunk);
        }
        chunk.clear();
    }

    /**
     * Brings all to the disk.
     *
     * @throws IllegalStateException if other than the promised number of elements was written
     */
    public NpyInfo finish() throws IOException {
        if (dataBytes != header.dataBytes()) {
            throw new IllegalStateException(
                    file + " was to hold " + header.dataBytes() + " bytes, was given " + dataBytes);
        }
        flush();
        channel.force(true);
        return new NpyInfo(
                header.type().descr(),
                header.shape(),
                channel.size(),
                HexFormat.of().formatHex(digest.digest()));
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /**
     * What a finished file holds.
     *
     * @param type NumPy's name of the element type
     * @param shape sizes, outermost first
     * @param sizeBytes of the whole file
     * @param sha256 of the whole file
     */
    public record NpyInfo(String type, List<Long> shape, long sizeBytes, String sha256) {
        public NpyInfo {
            shape = List.copyOf(shape);
        }
    }

    /**
     * An element type as NumPy writes it.
     *
     * @param descr for instance {@code <f4}
     * @param sizeBytes of one element
     */
    public record NpyType(String descr, int sizeBytes) {
        public static final NpyType UINT8 = new NpyType("|u1", 1);
        public static final NpyType INT8 = new NpyType("|i1", 1);
        public static final NpyType INT32 = new NpyType("<i4", 4);
        public static final NpyType INT64 = new NpyType("<i8", 8);
        public static final NpyType FLOAT32 = new NpyType("<f4", 4);

        private static final Pattern KNOWN = Pattern.compile("\\|([ui])1|<[if]([48])|\\|S([1-9][0-9]{0,5})");

        /** Byte strings of a fixed width, padded with zeros. */
        public static NpyType text(int width) {
            return new NpyType("|S" + width, width);
        }

        /** @throws IllegalArgumentException for a type that we don't use */
        static NpyType of(String descr) {
            Matcher known = KNOWN.matcher(descr);
            if (!known.matches()) {
                throw new IllegalArgumentException("element type '" + descr + "'");
            }
            String size = known.group(2) != null ? known.group(2) : known.group(3);
            return new NpyType(descr, size == null ? 1 : Integer.parseInt(size));
        }

        boolean isText() {
            return descr.startsWith("|S");
        }
    }
}
