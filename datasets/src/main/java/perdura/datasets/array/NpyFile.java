package perdura.datasets.array;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * An {@code .npy} file in C order, mapped into memory: nothing is read before it is asked for, and the system may drop it
 * again. Files may be larger than 2 GiB. Thread-safe.
 */
public final class NpyFile {
    /** A mapping holds an int's worth of bytes at most. */
    private static final long MOST_SEGMENT_BYTES = 1 << 30;

    private final Path file;
    private final NpyHeader header;
    private final int rowBytes;
    private final long segmentRows;
    private final ByteBuffer[] segments;

    private NpyFile(Path file, NpyHeader header, long segmentRows, ByteBuffer[] segments) {
        this.file = file;
        this.header = header;
        this.rowBytes = Math.toIntExact(header.rowBytes());
        this.segmentRows = segmentRows;
        this.segments = segments;
    }

    /**
     * Maps a file.
     *
     * @throws PerduraException INVALID_DATA that names the file, if it is not there, or damaged
     */
    public static NpyFile map(Path file) {
        try (FileChannel channel = RegularFile.channel(file)) {
            NpyHeader header = NpyHeader.read(channel);
            if (header.shape().isEmpty()) {
                throw new IllegalArgumentException("it has no axis");
            }
            long start = channel.position();
            if (channel.size() - start != header.dataBytes()) {
                throw new IllegalArgumentException("it holds " + (channel.size() - start)
                        + " bytes of elements, it must hold " + header.dataBytes());
            }
            return map(file, channel, start, header);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw damaged(file, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw damaged(file, "it can't be read (" + RegularFile.reason(e) + ")", e);
        }
    }

    private static NpyFile map(Path file, FileChannel channel, long start, NpyHeader header) throws IOException {
        long rowBytes = Math.max(1, header.rowBytes());
        long segmentRows = Math.max(1, MOST_SEGMENT_BYTES / rowBytes);
        long segmentBytes = segmentRows * rowBytes;
        int count = Math.toIntExact((header.dataBytes() + segmentBytes - 1) / segmentBytes);
        ByteBuffer[] segments = new ByteBuffer[count];
        for (int i = 0; i < count; i++) {
            long from = i * segmentBytes;
            long size = Math.min(segmentBytes, header.dataBytes() - from);
            segments[i] = channel.map(FileChannel.MapMode.READ_ONLY, start + from, size)
                    .order(ByteOrder.LITTLE_ENDIAN);
        }
        return new NpyFile(file, header, segmentRows, segments);
    }

    private static PerduraException damaged(Path file, String what, Exception cause) {
        return new PerduraException(
                ErrorCode.INVALID_DATA, file + ": damaged array, " + what + "; ingest the data set again", cause);
    }

    /** NumPy's name of the element type. */
    public String type() {
        return header.type().descr();
    }

    /** Sizes, outermost first. */
    public List<Long> shape() {
        return header.shape();
    }

    /** The size along the first axis. */
    public long rows() {
        return header.shape().get(0);
    }

    /** Bytes of one step along the first axis. */
    public int rowBytes() {
        return rowBytes;
    }

    /** Copies a row's bytes. */
    public void read(long row, byte[] to, int at) {
        ByteBuffer segment = segment(row);
        segment.get((int) (row % segmentRows) * rowBytes, to, at, rowBytes);
    }

    /** A row's bytes. */
    public byte[] read(long row) {
        byte[] bytes = new byte[rowBytes];
        read(row, bytes, 0);
        return bytes;
    }

    /** A row's bytes in hexadecimal digits. */
    public String hexAt(long row) {
        return HexFormat.of().formatHex(read(row));
    }

    /** Element {@code index} of an int8 or uint8 array of one axis. */
    public byte byteAt(long index) {
        return segment(index).get(offset(index, 1));
    }

    /** Element {@code index} of an int32 array of one axis. */
    public int intAt(long index) {
        return segment(index).getInt(offset(index, Integer.BYTES));
    }

    /** Element {@code index} of an int64 array of one axis. */
    public long longAt(long index) {
        return segment(index).getLong(offset(index, Long.BYTES));
    }

    /** Element {@code column} of a row of an int32 array of two axes. */
    public int intAt(long row, int column) {
        return segment(row).getInt((int) (row % segmentRows) * rowBytes + column * Integer.BYTES);
    }

    /** Element {@code column} of a row of an int64 array of two axes. */
    public long longAt(long row, int column) {
        return segment(row).getLong((int) (row % segmentRows) * rowBytes + column * Long.BYTES);
    }

    /** Element {@code column} of a row of a float32 array of two axes. */
    public float floatAt(long row, int column) {
        return segment(row).getFloat((int) (row % segmentRows) * rowBytes + column * Float.BYTES);
    }

    /** Element {@code index} of an array of texts. */
    public String textAt(long index) {
        if (!header.type().isText()) {
            throw wrongType();
        }
        byte[] bytes = read(index);
        int length = rowBytes;
        while (length > 0 && bytes[length - 1] == 0) {
            length--;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    private int offset(long index, int elementBytes) {
        if (rowBytes != elementBytes) {
            throw wrongType();
        }
        return (int) (index % segmentRows) * elementBytes;
    }

    private ByteBuffer segment(long row) {
        if (row < 0 || row >= rows()) {
            throw new IndexOutOfBoundsException("row must be in [0, " + rows() + "), was " + row + ", of " + file);
        }
        return segments[(int) (row / segmentRows)];
    }

    private IllegalStateException wrongType() {
        return new IllegalStateException(file + " holds " + header.type().descr() + " of shape " + header.shape());
    }
}
