package perdura.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** One fixture: a JSON file and the safetensors file beside it, whose tensors are float64, float32 or int64. All sizes are the fixture's. */
public final class GoldenTensors {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final JsonNode json;
    private final JsonNode header;
    private final ByteBuffer data;

    private GoldenTensors(JsonNode json, JsonNode header, ByteBuffer data) {
        this.json = json;
        this.header = header;
        this.data = data;
    }

    /** @param name folder and name without an ending, for instance {@code prior/lam} */
    public static GoldenTensors load(String name) {
        try {
            JsonNode json = MAPPER.readTree(GoldenFolder.resolve(name + ".json").toFile());
            ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(GoldenFolder.resolve(name + ".safetensors")))
                    .order(ByteOrder.LITTLE_ENDIAN);
            byte[] header = new byte[Math.toIntExact(file.getLong())];
            file.get(header);
            return new GoldenTensors(
                    json,
                    MAPPER.readTree(new String(header, StandardCharsets.UTF_8)),
                    file.slice().order(ByteOrder.LITTLE_ENDIAN));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public JsonNode json() {
        return json;
    }

    public double scalar(String name) {
        JsonNode value = json.get("scalars").get(name);
        if (value == null) {
            throw new IllegalArgumentException("no scalar " + name);
        }
        return value.asDouble();
    }

    /** Names of all tensors that begin with {@code prefix}, in the file's order. */
    public List<String> names(String prefix) {
        List<String> names = new ArrayList<>();
        header.fieldNames().forEachRemaining(name -> {
            if (name.startsWith(prefix)) {
                names.add(name);
            }
        });
        return names;
    }

    /** All elements as doubles. */
    public double[] values(String name) {
        JsonNode entry = entry(name);
        int begin = entry.get("data_offsets").get(0).asInt();
        int end = entry.get("data_offsets").get(1).asInt();
        String type = entry.get("dtype").asText();
        int size = type.equals("F32") ? 4 : 8;
        double[] values = new double[(end - begin) / size];
        for (int i = 0; i < values.length; i++) {
            int at = begin + size * i;
            values[i] = switch (type) {
                case "F32" -> data.getFloat(at);
                case "F64" -> data.getDouble(at);
                default -> data.getLong(at);
            };
        }
        return values;
    }

    public List<Long> shape(String name) {
        List<Long> shape = new ArrayList<>();
        entry(name).get("shape").forEach(size -> shape.add(size.asLong()));
        return shape;
    }

    /** Whether a tensor holds floats, and not integers. */
    public boolean isFloat(String name) {
        return entry(name).get("dtype").asText().startsWith("F");
    }

    private JsonNode entry(String name) {
        JsonNode entry = header.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("no tensor " + name);
        }
        return entry;
    }
}
