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
 * Reads safetensors files of any size into memory outside the heap. A tensor may hold up to 2 GiB. The header is checked
 * before any tensor is read: every fault names the file, the tensor and the value.
 */
public final class SafetensorsReader {
    private static final int CHUNK_BYTES = 8 << 20;
    /** The format's own limit. */
    private static final long MAX_HEADER_BYTES = 100_000_000;

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final Path file;

    private SafetensorsReader(Path file) {
        this.file = file;
    }

    /**
     * All tensors, in the order of their bytes in the file.
     *
     * @throws PerduraException CHECKPOINT_DAMAGED if the file is not what the format says
     * @throws IOException if the file is not there or can't be read
     */
    public static List<HostTensor> read(Path file) throws IOException {
        return new SafetensorsReader(file).read();
    }

    private List<HostTensor> read() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long fileBytes = channel.size();
            long headerBytes = headerBytes(channel, fileBytes);
            List<Entry> entries = entries(readFully(channel, 8, (int) headerBytes));
            checkOffsets(entries, fileBytes - 8 - headerBytes);
            List<HostTensor> tensors = new ArrayList<>();
            for (Entry entry : entries) {
                ByteBuffer data = readFully(channel, 8 + headerBytes + entry.from, (int) (entry.to - entry.from));
                tensors.add(new HostTensor(entry.name, entry.type, entry.shape, data));
            }
            return tensors;
        }
    }

    private long headerBytes(FileChannel channel, long fileBytes) throws IOException {
        if (fileBytes < 8) {
            throw damaged("has " + fileBytes + " bytes; a safetensors file has at least 8");
        }
        long length = readFully(channel, 0, 8).getLong(0);
        if (length < 2 || length > MAX_HEADER_BYTES || length > fileBytes - 8) {
            throw damaged("byte 0: the header's length is " + Long.toUnsignedString(length) + ", expected 2 to "
                    + Math.min(MAX_HEADER_BYTES, fileBytes - 8));
        }
        return length;
    }

    private List<Entry> entries(ByteBuffer header) {
        byte[] bytes = new byte[header.remaining()];
        header.get(bytes);
        JsonNode root;
        try {
            root = JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw damaged("byte " + (8 + e.getLocation().getByteOffset()) + ": the header is not JSON");
        } catch (IOException e) {
            throw damaged("byte 8: the header is not JSON in UTF-8");
        }
        if (!root.isObject()) {
            throw damaged("byte 8: the header must be a JSON object");
        }
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            if (!field.getKey().equals("__metadata__")) {
                entries.add(entry(field.getKey(), field.getValue()));
            }
        }
        entries.sort(Comparator.comparingLong(Entry::from).thenComparingLong(Entry::to));
        return entries;
    }

    private Entry entry(String name, JsonNode node) {
        HostTensor.ElementType type = Arrays.stream(HostTensor.ElementType.values())
                .filter(known -> known.name().equals(node.path("dtype").asText()))
                .findAny()
                .orElseThrow(() -> damaged("tensor " + name + ": dtype is " + node.path("dtype") + ", expected one of "
                        + Arrays.toString(HostTensor.ElementType.values())));
        List<Long> shape = longs(name, "shape", node.path("shape"));
        List<Long> offsets = longs(name, "data_offsets", node.path("data_offsets"));
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
            throw damaged("tensor " + name + ": data_offsets is " + offsets + ", expected [begin, end]");
        }
        return new Entry(name, type, shape, offsets.get(0), offsets.get(1));
    }

    private List<Long> longs(String name, String key, JsonNode list) {
        List<Long> values = new ArrayList<>();
        for (JsonNode value : list) {
            if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 0) {
                throw damaged("tensor " + name + ": " + key + " holds " + value + ", expected integers >= 0");
            }
            values.add(value.asLong());
        }
        if (!list.isArray()) {
            throw damaged("tensor " + name + ": " + key + " is " + list + ", expected a list of integers");
        }
        return values;
    }

    /** The tensors must fill the rest of the file, without holes and without overlap. */
    private void checkOffsets(List<Entry> entries, long dataBytes) {
        long at = 0;
        for (Entry entry : entries) {
            long expected = entry.expectedBytes();
            if (entry.to - entry.from != expected) {
                throw damaged("tensor " + entry.name + ": shape " + entry.shape + " of " + entry.type + " needs "
                        + expected + " bytes, data_offsets give " + (entry.to - entry.from));
            }
            if (expected > Integer.MAX_VALUE - 8) {
                throw damaged("tensor " + entry.name + ": " + expected + " bytes; a tensor may hold up to "
                        + (Integer.MAX_VALUE - 8));
            }
            if (entry.from != at) {
                throw damaged(
                        "tensor " + entry.name + ": begins at byte " + entry.from + " of the data, expected " + at);
            }
            at = entry.to;
        }
        if (at != dataBytes) {
            throw damaged("has " + dataBytes + " bytes of data, the header describes " + at);
        }
    }

    private ByteBuffer readFully(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            int at = buffer.position();
            ByteBuffer chunk = buffer.slice(at, Math.min(CHUNK_BYTES, buffer.remaining()));
            int read = channel.read(chunk, position + at);
            if (read < 0) {
                throw damaged("ends at byte " + (position + at) + ", expected " + (length - at) + " more");
            }
            buffer.position(at + read);
        }
        return buffer.flip();
    }

    private PerduraException damaged(String fault) {
        return new PerduraException(ErrorCode.CHECKPOINT_DAMAGED, file + ": " + fault);
    }

    private record Entry(String name, HostTensor.ElementType type, List<Long> shape, long from, long to) {
        /** Greater than any file if it overflows. */
        long expectedBytes() {
            long bytes = type.sizeBytes();
            for (long size : shape) {
                if (size != 0 && bytes > Long.MAX_VALUE / size) {
                    return Long.MAX_VALUE;
                }
                bytes *= size;
            }
            return bytes;
        }
    }
}
