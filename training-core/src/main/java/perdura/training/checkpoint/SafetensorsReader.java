package perdura.training.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * Reads safetensors files: what one says about its tensors, of every type of the format, and those of our checkpoints, of any
 * size, into memory outside the heap; a tensor may hold up to 2 GiB. All of the header is checked before any tensor is read:
 * every fault names the file, the tensor and the value.
 */
public final class SafetensorsReader {
    /** Far beyond any real file's; keeps a hostile header from filling the heap. The format itself allows 100 MB. */
    private static final long MAX_HEADER_BYTES = 16_000_000;

    private static final int CHUNK_BYTES = 8 << 20;

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

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
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
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
            throw fault("tensor " + entry.name + ": " + entry.sizeBytes + " bytes; a tensor may hold up to "
                    + (Integer.MAX_VALUE - 8));
        }
    }

    private HostTensor.ElementType hostType(Entry entry) {
        return Arrays.stream(HostTensor.ElementType.values())
                .filter(known -> known.name().equals(entry.type.name()))
                .findAny()
                .orElseThrow(() -> fault("tensor " + entry.name + ": dtype is \"" + entry.type + "\", expected one of "
                        + Arrays.toString(HostTensor.ElementType.values())));
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
        if (length < 2 || length > MAX_HEADER_BYTES || length > fileBytes - 8) {
            throw fault("byte 0: the header's length is " + Long.toUnsignedString(length) + ", expected 2 to "
                    + Math.min(MAX_HEADER_BYTES, fileBytes - 8));
        }
        return length;
    }

    private List<Entry> entries(ByteBuffer header, long dataPosition) {
        byte[] bytes = new byte[header.remaining()];
        header.get(bytes);
        JsonNode root;
        try {
            root = JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw fault("byte " + (8 + e.getLocation().getByteOffset()) + ": the header is not JSON");
        } catch (IOException e) {
            throw fault("byte 8: the header is not JSON in UTF-8");
        }
        if (!root.isObject()) {
            throw fault("byte 8: the header must be a JSON object");
        }
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            if (!field.getKey().equals("__metadata__")) {
                entries.add(entry(field.getKey(), field.getValue(), dataPosition));
            }
        }
        entries.sort(Comparator.comparingLong(Entry::position).thenComparingLong(Entry::sizeBytes));
        return entries;
    }

    private Entry entry(String name, JsonNode node, long dataPosition) {
        DataType type = DataType.find(node.path("dtype").asText())
                .orElseThrow(() -> fault("tensor " + name + ": dtype is " + node.path("dtype") + ", expected one of "
                        + List.of(DataType.values())));
        List<Long> shape = longs(name, "shape", node.path("shape"));
        List<Long> offsets = longs(name, "data_offsets", node.path("data_offsets"));
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
            throw fault("tensor " + name + ": data_offsets is " + offsets + ", expected [begin, end]");
        }
        long sizeBytes = offsets.get(1) - offsets.get(0);
        long expected = sizeBytes(type, shape);
        if (sizeBytes != expected) {
            throw fault("tensor " + name + ": shape " + shape + " of " + type + " needs " + expected
                    + " bytes, data_offsets give " + sizeBytes);
        }
        if (offsets.get(0) > Long.MAX_VALUE - dataPosition) {
            throw fault("tensor " + name + ": begins at byte " + offsets.get(0) + " of the data, beyond any file");
        }
        return new Entry(name, type, shape, dataPosition + offsets.get(0), sizeBytes);
    }

    private List<Long> longs(String name, String key, JsonNode list) {
        List<Long> values = new ArrayList<>();
        for (JsonNode value : list) {
            if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 0) {
                throw fault("tensor " + name + ": " + key + " holds " + value + ", expected integers >= 0");
            }
            values.add(value.asLong());
        }
        if (!list.isArray()) {
            throw fault("tensor " + name + ": " + key + " is " + list + ", expected a list of integers");
        }
        return values;
    }

    /** The tensors must fill the rest of the file, without holes and without overlap. */
    private void checkPlaces(List<Entry> entries, long dataPosition, long fileBytes) {
        long at = dataPosition;
        for (Entry entry : entries) {
            if (entry.position != at) {
                throw fault("tensor " + entry.name + ": begins at byte " + (entry.position - dataPosition)
                        + " of the data, expected " + (at - dataPosition));
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
        return new PerduraException(code, file + ": " + fault);
    }
}
