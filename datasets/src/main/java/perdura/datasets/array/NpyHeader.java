package perdura.datasets.array;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import perdura.datasets.array.NpyWriter.NpyType;

/**
 * The header of an {@code .npy} file, format version 1.0, C order (numpy.lib.format).
 *
 * @param shape sizes, outermost first
 */
record NpyHeader(NpyType type, List<Long> shape) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    private static final int ALIGNMENT = 64;
    private static final Pattern TEXT = Pattern.compile(
            "\\{\\s*'descr': '([^']+)', 'fortran_order': False, 'shape': \\(([0-9, ]*)\\),?\\s*\\}\\s*");

    NpyHeader {
        shape = List.copyOf(shape);
    }

    /** Elements of one step along the first axis, in bytes. */
    long rowBytes() {
        return shape.stream().skip(1).reduce((long) type.sizeBytes(), Math::multiplyExact);
    }

    long dataBytes() {
        return Math.multiplyExact(shape.isEmpty() ? 1 : shape.get(0), rowBytes());
    }

    /** The bytes before the first element. */
    ByteBuffer bytes() {
        String sizes = shape.stream().map(size -> size + ",").collect(Collectors.joining(" "));
        if (shape.size() > 1) {
            sizes = sizes.substring(0, sizes.length() - 1);
        }
        String text = "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(type.descr(), sizes);
        int length = MAGIC.length + 2 + text.length() + 1;
        int padded = (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer out = ByteBuffer.allocate(padded).order(ByteOrder.LITTLE_ENDIAN);
        out.put(MAGIC).putShort((short) (padded - MAGIC.length - 2));
        out.put(text.getBytes(StandardCharsets.US_ASCII));
        while (out.remaining() > 1) {
            out.put((byte) ' ');
        }
        return out.put((byte) '\n').flip();
    }

    /**
     * Reads the header and leaves the channel at the first element.
     *
     * @throws IllegalArgumentException that says what is wrong
     */
    static NpyHeader read(FileChannel channel) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(MAGIC.length + 2).order(ByteOrder.LITTLE_ENDIAN);
        fill(channel, start);
        for (byte expected : MAGIC) {
            if (start.get() != expected) {
                throw new IllegalArgumentException("it doesn't begin as a NumPy file of version 1.0");
            }
        }
        ByteBuffer text = ByteBuffer.allocate(start.getShort() & 0xFFFF);
        fill(channel, text);
        String header = StandardCharsets.US_ASCII.decode(text).toString();
        Matcher matcher = TEXT.matcher(header);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("its header is " + header.strip());
        }
        List<Long> shape = new ArrayList<>();
        for (String size : matcher.group(2).split(",", -1)) {
            if (!size.isBlank()) {
                shape.add(Long.parseLong(size.strip()));
            }
        }
        return new NpyHeader(NpyType.of(matcher.group(1)), shape);
    }

    private static void fill(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new IllegalArgumentException("it ends inside its header");
            }
        }
        buffer.flip();
    }
}
