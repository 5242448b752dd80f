package perdura.training.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PlainText;
import perdura.grids.spec.ReadLimit;

/**
 * Reads safetensors files: what one says about its tensors, of every type of the format, and those of our checkpoints, of any
 * size, into memory outside the heap; a tensor may hold up to 2 GiB. All of the header is checked before any tensor is read:
 * every fault names the file, the tensor and the value.
 */
public final class SafetensorsReader {
    private static final int MAX_AXES = 64;

    private static final int CHUNK_BYTES = 8 << 20;

    private static final JsonFactory JSON = new JsonFactory();

    private final String file;
    private final ErrorCode code;

    private SafetensorsReader(String file, ErrorCode code) {
        this.file = file;
        this.code = code;
    }

    /**
     * A tensor's place.
     *
     * @param shape sizes, outermost first
     * @param position of its first byte in the file
     */
    public record Entry(String name, DataType type, List<Long> shape, long position, long sizeBytes) {
        public Entry {
            shape = List.copyOf(shape);
        }
    }

    /**
     * All tensors, in the order of their bytes in the file.
     *
     * @param file its name, for messages
     * @param code of the exception for a file that is not what the format says
     * @throws PerduraException with that code
     * @throws IOException if the file can't be read
     */
    public static List<Entry> list(FileChannel channel, String file, ErrorCode code) throws IOException {
        return new SafetensorsReader(file, code).list(channel);
    }

    /**
     * All tensors, in the order of their bytes in the file.
     *
     * @throws PerduraException CHECKPOINT_DAMAGED if the file is not what the format says
     * @throws IOException if the file is not there or can't be read
     */
    public static List<HostTensor> read(Path file) throws IOException {
        SafetensorsReader reader = new SafetensorsReader(file.toString(), ErrorCode.CHECKPOINT_DAMAGED);
        try (FileChannel channel = RegularFile.channel(file)) {
            List<Entry> entries = reader.list(channel);
            entries.forEach(reader::checkReadable);
            List<HostTensor> tensors = new ArrayList<>();
            for (Entry entry : entries) {
                ByteBuffer data = ByteBuffer.allocateDirect((int) entry.sizeBytes);
                reader.readFully(channel, entry.position, data);
                tensors.add(new HostTensor(entry.name, reader.hostType(entry), entry.shape, data));
            }
            return tensors;
        }
    }

    private void checkReadable(Entry entry) {
        hostType(entry);
        if (entry.sizeBytes > Integer.MAX_VALUE - 8) {
            throw fault("tensor " + PlainText.shown(entry.name) + ": " + entry.sizeBytes
                    + " bytes; a tensor may hold up to " + (Integer.MAX_VALUE - 8));
        }
    }

    private HostTensor.ElementType hostType(Entry entry) {
        return Arrays.stream(HostTensor.ElementType.values())
                .filter(known -> known.name().equals(entry.type.name()))
                .findAny()
                .orElseThrow(() -> fault("tensor " + PlainText.shown(entry.name) + ": dtype is \"" + entry.type
                        + "\", expected one of " + Arrays.toString(HostTensor.ElementType.values())));
    }

    private List<Entry> list(FileChannel channel) throws IOException {
        long fileBytes = channel.size();
        long headerBytes = headerBytes(channel, fileBytes);
        List<Entry> entries = entries(readFully(channel, 8, ByteBuffer.allocate((int) headerBytes)), 8 + headerBytes);
        checkPlaces(entries, 8 + headerBytes, fileBytes);
        return entries;
    }

    private long headerBytes(FileChannel channel, long fileBytes) throws IOException {
        if (fileBytes < 8) {
            throw fault("has " + fileBytes + " bytes; a safetensors file has at least 8");
        }
        long length = readFully(channel, 0, ByteBuffer.allocate(8)).getLong(0);
        if (length < 2 || length > ReadLimit.WEIGHT_HEADER_BYTES.most() || length > fileBytes - 8) {
            throw fault("byte 0: the header's length is " + Long.toUnsignedString(length) + ", expected 2 to "
                    + Math.min(ReadLimit.WEIGHT_HEADER_BYTES.most(), fileBytes - 8));
        }
        return length;
    }

    private List<Entry> entries(ByteBuffer header, long dataPosition) {
        byte[] bytes = new byte[header.remaining()];
        header.get(bytes);
        List<Entry> entries = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw fault("byte 8: the header must be a JSON object");
            }
            Set<String> names = new HashSet<>();
            String stray = null;
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                checkName(name, names);
                JsonToken value = parser.nextToken();
                if (name.equals("__metadata__")) {
                    parser.skipChildren();
                } else if (value == JsonToken.START_OBJECT) {
                    entries.add(entry(name, parser, dataPosition));
                } else {
                    stray = stray == null ? name : stray;
                    parser.skipChildren();
                }
            }
            if (stray != null) {
                throw fault("tensor " + PlainText.shown(stray) + ": is no object with dtype, shape and data_offsets");
            }
            if (parser.nextToken() != null) {
                throw fault("byte " + at(parser.currentTokenLocation()) + ": something follows the header's object");
            }
        } catch (JsonProcessingException e) {
            throw fault("byte " + at(e.getLocation()) + ": the header is not JSON, or nested too deeply");
        } catch (IOException e) {
            throw fault("byte 8: the header is not JSON in UTF-8");
        }
        entries.sort(Comparator.comparingLong(Entry::position).thenComparingLong(Entry::sizeBytes));
        return entries;
    }

    /** A place in the file; the parser does not know it for every fault. */
    private static long at(@Nullable JsonLocation location) {
        return 8 + (location == null ? 0 : Math.max(0, location.getByteOffset()));
    }

    private void checkName(String name, Set<String> names) {
        if (name.length() > ReadLimit.WEIGHT_NAME_CHARACTERS.most()) {
            throw fault(
                    "a tensor's name of " + name.length() + " characters: " + ReadLimit.WEIGHT_NAME_CHARACTERS.told());
        }
        if (names.size() >= ReadLimit.WEIGHT_TENSORS.most()) {
            throw fault("it has too many tensors: " + ReadLimit.WEIGHT_TENSORS.told());
        }
        if (!names.add(name)) {
            throw fault("tensor " + PlainText.shown(name) + " comes twice");
        }
    }

    private Entry entry(String name, JsonParser parser, long dataPosition) throws IOException {
        String dtype = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            boolean isTwice = false;
            switch (key) {
                case "dtype" -> {
                    isTwice = dtype != null;
                    dtype = value == JsonToken.VALUE_STRING ? parser.getText() : value.toString();
                    if (value.isStructStart()) {
                        parser.skipChildren();
                    }
                }
                case "shape" -> {
                    isTwice = shape != null;
                    shape = longs(name, key, parser);
                }
                case "data_offsets" -> {
                    isTwice = offsets != null;
                    offsets = longs(name, key, parser);
                }
                default -> parser.skipChildren();
            }
            if (isTwice) {
                throw fault("tensor " + PlainText.shown(name) + ": " + key + " comes twice");
            }
        }
        return entry(name, dtype, shape, offsets, dataPosition);
    }

    private Entry entry(
            String name,
            @Nullable String dtype,
            @Nullable List<Long> shape,
            @Nullable List<Long> offsets,
            long dataPosition) {
        String shown = "tensor " + PlainText.shown(name);
        DataType type = DataType.find(dtype == null ? "" : dtype)
                .orElseThrow(() -> fault(shown + ": dtype is "
                        + (dtype == null ? "missing" : "\"" + PlainText.shown(dtype) + "\"") + ", expected one of "
                        + List.of(DataType.values())));
        if (shape == null || offsets == null) {
            throw fault(shown + ": " + (shape == null ? "shape" : "data_offsets")
                    + " is missing, expected a list of integers");
        }
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
            throw fault(shown + ": data_offsets is " + offsets + ", expected [begin, end]");
        }
        long sizeBytes = offsets.get(1) - offsets.get(0);
        long expected = sizeBytes(type, shape);
        if (sizeBytes != expected) {
            throw fault(shown + ": shape " + shape + " of " + type + " needs " + expected + " bytes, data_offsets give "
                    + sizeBytes);
        }
        if (offsets.get(0) > Long.MAX_VALUE - dataPosition) {
            throw fault(shown + ": begins at byte " + offsets.get(0) + " of the data, beyond any file");
        }
        return new Entry(name, type, shape, dataPosition + offsets.get(0), sizeBytes);
    }

    private List<Long> longs(String name, String key, JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw fault("tensor " + PlainText.shown(name) + ": " + key + " is " + PlainText.shown(parser.getText())
                    + ", expected a list of integers");
        }
        List<Long> values = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            boolean isLong =
                    token == JsonToken.VALUE_NUMBER_INT && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
            if (!isLong || parser.getLongValue() < 0) {
                throw fault("tensor " + PlainText.shown(name) + ": " + key + " holds "
                        + PlainText.shown(String.valueOf(parser.getText())) + ", expected integers >= 0");
            }
            if (values.size() == MAX_AXES) {
                throw fault("tensor " + PlainText.shown(name) + ": " + key + " has more than " + MAX_AXES + " sizes");
            }
            values.add(parser.getLongValue());
        }
        return values;
    }

    /** The tensors must fill the rest of the file, without holes and without overlap. */
    private void checkPlaces(List<Entry> entries, long dataPosition, long fileBytes) {
        long at = dataPosition;
        for (Entry entry : entries) {
            if (entry.position != at) {
                throw fault("tensor " + PlainText.shown(entry.name) + ": begins at byte "
                        + (entry.position - dataPosition) + " of the data, expected " + (at - dataPosition));
            }
            if (entry.sizeBytes > fileBytes - at) {
                at = Long.MAX_VALUE;
                break;
            }
            at += entry.sizeBytes;
        }
        if (at != fileBytes) {
            long described = entries.stream().mapToLong(Entry::sizeBytes).sum();
            throw fault("has " + (fileBytes - dataPosition) + " bytes of data, the header describes " + described);
        }
    }

    /** Greater than any file if it overflows. */
    private static long sizeBytes(DataType type, List<Long> shape) {
        long bytes = type.sizeBytes();
        for (long size : shape) {
            if (size != 0 && bytes > Long.MAX_VALUE / size) {
                return Long.MAX_VALUE;
            }
            bytes *= size;
        }
        return bytes;
    }

    private ByteBuffer readFully(FileChannel channel, long position, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            int at = buffer.position();
            ByteBuffer chunk = buffer.slice(at, Math.min(CHUNK_BYTES, buffer.remaining()));
            int read = channel.read(chunk, position + at);
            if (read < 0) {
                throw fault("ends at byte " + (position + at) + ", expected " + buffer.remaining() + " more");
            }
            buffer.position(at + read);
        }
        return buffer.order(ByteOrder.LITTLE_ENDIAN).flip();
    }

    private PerduraException fault(String fault) {
        return new PerduraException(code, PlainText.line(file + ": " + fault));
    }
}
