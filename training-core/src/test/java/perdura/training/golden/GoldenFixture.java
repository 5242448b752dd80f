package perdura.training.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import perdura.grids.spec.BertSpec;
import perdura.grids.spec.Overlong;
import perdura.grids.spec.ResnetSpec;
import perdura.testkit.GoldenTensors;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.methods.prior.spec.ModelSpec.CcrSpec;
import perdura.training.methods.prior.spec.ModelSpec.SpbSpec;

/** A fixture's tensors as those of a run, and its sizes as those of a model. */
public final class GoldenFixture {
    private final GoldenTensors file;
    private final JsonNode json;

    private GoldenFixture(GoldenTensors file) {
        this.file = file;
        this.json = file.json();
    }

    /** @param name folder and name without an ending, for instance {@code prior/lam} */
    public static GoldenFixture load(String name) {
        return new GoldenFixture(GoldenTensors.load(name));
    }

    public JsonNode json() {
        return json;
    }

    public double scalar(String name) {
        return file.scalar(name);
    }

    /** Names of all tensors that begin with {@code prefix}, in the file's order. */
    public List<String> names(String prefix) {
        return file.names(prefix);
    }

    /** All elements as doubles. */
    public double[] values(String name) {
        return file.values(name);
    }

    public List<Long> shape(String name) {
        return file.shape(name);
    }

    /** The element type that {@code name} has in a run whose floats are {@code floats}. */
    public ElementType type(String name, ElementType floats) {
        return file.isFloat(name) ? floats : ElementType.I64;
    }

    /** The tensor {@code name} under another name, its floats rounded to {@code floats}. */
    public HostTensor tensor(String name, String as, ElementType floats) {
        return host(as, type(name, floats), shape(name), values(name));
    }

    /** Numbers in host memory; whole ones where {@code type} is I64. */
    public static HostTensor host(String name, ElementType type, List<Long> shape, double[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * type.sizeBytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            switch (type) {
                case F32 -> bytes.putFloat((float) value);
                case F64 -> bytes.putDouble(value);
                case I64 -> bytes.putLong((long) value);
            }
        }
        return new HostTensor(name, type, shape, bytes.flip());
    }

    /** The sizes and options of {@code config}. */
    public ModelSpec modelSpec() {
        JsonNode config = json.get("config");
        return new ModelSpec(
                new ModelSpec.Image(
                        config.get("image_size").asInt(),
                        new ResnetSpec(
                                integers(config.get("resnet_blocks")),
                                config.get("resnet_width").asInt()),
                        config.get("image_pool_heads").asInt()),
                new ModelSpec.Text(
                        config.get("text_length").asInt(),
                        Overlong.KEEP_SEP,
                        new BertSpec(
                                config.get("bert_hidden").asInt(),
                                config.get("bert_layers").asInt(),
                                config.get("bert_heads").asInt(),
                                config.get("bert_ffn").asInt(),
                                config.get("bert_positions").asInt()),
                        config.get("dropout").asDouble()),
                new ModelSpec.Heads(
                        config.get("dim").asInt(),
                        ModelSpec.Gather.valueOf(config.get("gather").asText().toUpperCase(Locale.ROOT)),
                        config.get("token_pool_dim").asInt(),
                        config.get("sentence_pool_heads").asInt(),
                        config.get("global_text_projection").asBoolean(),
                        ModelSpec.LamActivation.valueOf(
                                config.get("lam_activation").asText().toUpperCase(Locale.ROOT)),
                        config.get("predictor_dim").asInt()),
                config.get("prototypes").asInt(),
                new ModelSpec.Decoders(
                        config.get("queries").asInt(),
                        new ModelSpec.Decoders.SentenceDecoder(
                                config.get("decoder_layers").asInt(),
                                config.get("decoder_heads").asInt(),
                                config.get("decoder_ffn").asInt()),
                        integers(config.get("image_decoder_channels"))),
                config.get("contrastive_tau").asDouble(),
                Math.exp(config.get("max_log_scale").asDouble()),
                spb(config),
                ccr(config));
    }

    private static SpbSpec spb(JsonNode config) {
        SpbSpec prior = PriorSpecs.SPB;
        return new SpbSpec(
                SpbSpec.Init.valueOf(word(config.get("spb_init"))),
                prior.initReports(),
                prior.initRounds(),
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
                config.get("detach_targets").asBoolean(),
                CcrSpec.RequeryNoise.OWN,
                null);
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
