package perdura.training.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import perdura.grids.spec.CcrSpec;
import perdura.grids.spec.ModelSpec;
import perdura.grids.spec.SpbSpec;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;

/** One fixture: a JSON file and the safetensors file beside it. All sizes are the fixture's. */
public final class GoldenFixture {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final JsonNode json;
    private final JsonNode header;
    private final ByteBuffer data;

    private GoldenFixture(JsonNode json, JsonNode header, ByteBuffer data) {
        this.json = json;
        this.header = header;
        this.data = data;
    }

    /** @param name folder and name without an ending, for instance {@code prior/lam} */
    public static GoldenFixture load(String name) {
        Path folder = Path.of(System.getProperty("perdura.golden.dir"));
        try {
            JsonNode json = MAPPER.readTree(folder.resolve(name + ".json").toFile());
            ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(folder.resolve(name + ".safetensors")))
                    .order(ByteOrder.LITTLE_ENDIAN);
            byte[] header = new byte[Math.toIntExact(file.getLong())];
            file.get(header);
            return new GoldenFixture(
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
        double[] values = new double[(end - begin) / 8];
        boolean floats = entry.get("dtype").asText().equals("F64");
        for (int i = 0; i < values.length; i++) {
            values[i] = floats ? data.getDouble(begin + 8 * i) : data.getLong(begin + 8 * i);
        }
        return values;
    }

    public List<Long> shape(String name) {
        List<Long> shape = new ArrayList<>();
        entry(name).get("shape").forEach(size -> shape.add(size.asLong()));
        return shape;
    }

    /** The element type that {@code name} has in a run whose floats are {@code floats}. */
    public ElementType type(String name, ElementType floats) {
        return entry(name).get("dtype").asText().equals("F64") ? floats : ElementType.I64;
    }

    /** The tensor {@code name} under another name, its floats rounded to {@code floats}. */
    public HostTensor tensor(String name, String as, ElementType floats) {
        double[] values = values(name);
        ElementType type = type(name, floats);
        ByteBuffer bytes = ByteBuffer.allocate(values.length * type.sizeBytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            switch (type) {
                case F32 -> bytes.putFloat((float) value);
                case F64 -> bytes.putDouble(value);
                case I64 -> bytes.putLong((long) value);
            }
        }
        return new HostTensor(as, type, shape(name), bytes.flip());
    }

    private JsonNode entry(String name) {
        JsonNode entry = header.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("no tensor " + name);
        }
        return entry;
    }

    /** The sizes and options of {@code config}. */
    public ModelSpec modelSpec() {
        JsonNode config = json.get("config");
        return new ModelSpec(
                config.get("image_size").asInt(),
                integers(config.get("resnet_blocks")),
                config.get("resnet_width").asInt(),
                config.get("image_pool_heads").asInt(),
                config.get("text_length").asInt(),
                config.get("bert_hidden").asInt(),
                config.get("bert_layers").asInt(),
                config.get("bert_heads").asInt(),
                config.get("bert_ffn").asInt(),
                config.get("bert_positions").asInt(),
                config.get("dropout").asDouble(),
                config.get("dim").asInt(),
                config.get("token_pool_dim").asInt(),
                config.get("sentence_pool_heads").asInt(),
                config.get("predictor_dim").asInt(),
                config.get("prototypes").asInt(),
                config.get("queries").asInt(),
                config.get("decoder_layers").asInt(),
                config.get("decoder_heads").asInt(),
                config.get("decoder_ffn").asInt(),
                integers(config.get("image_decoder_channels")),
                ModelSpec.Gather.valueOf(config.get("gather").asText().toUpperCase(Locale.ROOT)),
                ModelSpec.LamActivation.valueOf(
                        config.get("lam_activation").asText().toUpperCase(Locale.ROOT)),
                config.get("global_text_projection").asBoolean(),
                config.get("contrastive_tau").asDouble(),
                Math.exp(config.get("max_log_scale").asDouble()),
                spb(config),
                ccr(config),
                ModelSpec.Overlong.KEEP_SEP);
    }

    private static SpbSpec spb(JsonNode config) {
        SpbSpec prior = PriorSpecs.SPB;
        return new SpbSpec(
                SpbSpec.Init.valueOf(word(config.get("spb_init"))),
                prior.initReports(),
                prior.query(),
                prior.tauSchedule(),
                prior.tauStart(),
                prior.tauEnd(),
                prior.evaluationTau(),
                prior.lossMean());
    }

    private static CcrSpec ccr(JsonNode config) {
        return new CcrSpec(
                CcrSpec.Mask.valueOf(word(config.get("ccr_mask"))),
                config.get("ccr_mask_probability").asDouble(),
                CcrSpec.Block.CONV_BN_RELU,
                false,
                config.get("detach_targets").asBoolean());
    }

    private static String word(JsonNode text) {
        return text.asText().toUpperCase(Locale.ROOT).replace('-', '_');
    }

    public int vocabulary() {
        return json.get("config").get("vocab_size").asInt();
    }

    private static List<Integer> integers(JsonNode array) {
        List<Integer> values = new ArrayList<>();
        array.forEach(value -> values.add(value.asInt()));
        return values;
    }
}
