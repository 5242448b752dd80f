package perdura.training.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.FileDigest;

/**
 * What MANIFEST.json says about imported weights.
 *
 * @param digest SHA-256 of {@code weights.safetensors}, whose bytes follow from names, types, shapes and values alone
 * @param image sizes of the image encoder, if there is one
 * @param text sizes of the text encoder, if there is one
 * @param source where they came from
 * @param files size and SHA-256 of each file beside the manifest
 * @param loaded names in the imported file
 * @param skipped tensors of the source that were not taken
 * @param initial tensors of the model that the source lacks
 */
public record WeightManifest(
        WeightKind kind,
        String digest,
        @Nullable ResnetSizes image,
        @Nullable BertSizes text,
        Source source,
        Map<String, FileDigest> files,
        List<String> loaded,
        List<LeftOut> skipped,
        List<LeftOut> initial) {
    private static final int FORMAT = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    public WeightManifest {
        files = Collections.unmodifiableMap(new TreeMap<>(files));
        loaded = List.copyOf(loaded);
        skipped = List.copyOf(skipped);
        initial = List.copyOf(initial);
    }

    /**
     * The file that was imported.
     *
     * @param file its name, without its folder
     * @param format for people
     */
    public record Source(String file, String sha256, long sizeBytes, String format) {}

    /**
     * This manifest with what an earlier import of the same weights knew besides: the heads and the vocabulary.
     *
     * @throws PerduraException INVALID_WEIGHTS if both know the heads, and differently
     */
    WeightManifest with(WeightManifest earlier) {
        BertSizes known = earlier.text;
        BertSizes joined = text;
        if (text != null && known != null && known.heads() != null) {
            if (text.heads() != null && !text.heads().equals(known.heads())) {
                throw new PerduraException(
                        ErrorCode.INVALID_WEIGHTS,
                        "num_attention_heads is " + text.heads() + " here, but the same weights were imported with "
                                + known.heads() + " from " + earlier.source.file + "; one config.json is wrong");
            }
            joined = text.withHeads(known.heads());
        }
        Map<String, FileDigest> all = new TreeMap<>(earlier.files);
        all.putAll(files);
        return new WeightManifest(kind, digest, image, joined, source, all, loaded, skipped, initial);
    }

    String write() {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("format", FORMAT);
        json.put("kind", kind.word());
        json.put("digest", digest);
        json.put("image", image == null ? null : imageJson(image));
        json.put("text", text == null ? null : textJson(text));
        json.put(
                "source",
                Map.of(
                        "file", source.file,
                        "sha256", source.sha256,
                        "sizeBytes", source.sizeBytes,
                        "format", source.format));
        Map<String, Object> entries = new TreeMap<>();
        files.forEach(
                (name, file) -> entries.put(name, Map.of("sizeBytes", file.sizeBytes(), "sha256", file.sha256())));
        json.put("files", entries);
        json.put("loaded", loaded);
        json.put("skipped", leftOutJson(skipped));
        json.put("initial", leftOutJson(initial));
        return CanonicalJson.write(json) + "\n";
    }

    private static Map<String, Object> imageJson(ResnetSizes image) {
        return Map.of("blocks", image.blocks(), "width", image.width(), "channels", image.channels());
    }

    private static Map<String, @Nullable Object> textJson(BertSizes text) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("vocabulary", text.vocabulary());
        json.put("hidden", text.hidden());
        json.put("layers", text.layers());
        json.put("heads", text.heads());
        json.put("ffn", text.ffn());
        json.put("positions", text.positions());
        json.put("pooler", text.pooler());
        return json;
    }

    private static List<Object> leftOutJson(List<LeftOut> all) {
        List<Object> json = new ArrayList<>();
        all.forEach(one -> json.add(Map.of("name", one.name(), "reason", one.reason())));
        return json;
    }

    /**
     * @param file for messages
     * @throws PerduraException INVALID_WEIGHTS if the text is no manifest of this format
     */
    static WeightManifest read(String file, byte[] text) {
        try {
            JsonNode json = JSON.readTree(text);
            if (json.path("format").asInt(-1) != FORMAT) {
                throw new PerduraException(
                        ErrorCode.INVALID_WEIGHTS,
                        file + ": format is " + json.path("format") + ", this version of Perdura reads " + FORMAT);
            }
            return read(json);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new PerduraException(
                    ErrorCode.INVALID_WEIGHTS, file + ": is not a manifest of weights; import them again", e);
        } catch (IOException e) {
            throw new IllegalStateException("bytes can be read", e);
        }
    }

    private static WeightManifest read(JsonNode json) {
        JsonNode source = json.path("source");
        Map<String, FileDigest> files = new TreeMap<>();
        json.path("files")
                .properties()
                .forEach(file -> files.put(
                        file.getKey(),
                        new FileDigest(
                                file.getValue().path("sizeBytes").asLong(-1),
                                file.getValue().path("sha256").asText())));
        List<String> loaded = new ArrayList<>();
        json.path("loaded").forEach(name -> loaded.add(name.asText()));
        return new WeightManifest(
                WeightKind.valueOf(json.path("kind").asText().toUpperCase(Locale.ROOT)),
                json.path("digest").asText(),
                json.path("image").isObject() ? image(json.path("image")) : null,
                json.path("text").isObject() ? text(json.path("text")) : null,
                new Source(
                        source.path("file").asText(),
                        source.path("sha256").asText(),
                        source.path("sizeBytes").asLong(),
                        source.path("format").asText()),
                files,
                loaded,
                leftOut(json.path("skipped")),
                leftOut(json.path("initial")));
    }

    private static ResnetSizes image(JsonNode json) {
        List<Integer> blocks = new ArrayList<>();
        json.path("blocks").forEach(block -> blocks.add(block.asInt()));
        return new ResnetSizes(
                blocks, json.path("width").asInt(), json.path("channels").asInt());
    }

    private static BertSizes text(JsonNode json) {
        JsonNode heads = json.path("heads");
        return new BertSizes(
                json.path("vocabulary").asInt(),
                json.path("hidden").asInt(),
                json.path("layers").asInt(),
                heads.isInt() ? (Integer) heads.asInt() : null,
                json.path("ffn").asInt(),
                json.path("positions").asInt(),
                json.path("pooler").asBoolean());
    }

    private static List<LeftOut> leftOut(JsonNode json) {
        List<LeftOut> all = new ArrayList<>();
        json.forEach(one -> all.add(
                new LeftOut(one.path("name").asText(), one.path("reason").asText())));
        return all;
    }

    /** A tensor that was not taken from a file, and why. */
    public record LeftOut(String name, String reason) {}
}
