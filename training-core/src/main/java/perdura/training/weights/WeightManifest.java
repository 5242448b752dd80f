package perdura.training.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PlainText;
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
    private static final ObjectMapper JSON = new ObjectMapper()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES);

    public WeightManifest {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(digest, "digest");
        Objects.requireNonNull(source, "source");
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
        Map<String, Object> json = JSON.convertValue(this, new TypeReference<TreeMap<String, Object>>() {});
        json.put("format", FORMAT);
        return CanonicalJson.write(json) + "\n";
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
                        file + ": format is "
                                + PlainText.shown(json.path("format").toString()) + ", this version of Perdura reads "
                                + FORMAT);
            }
            return JSON.treeToValue(json, WeightManifest.class);
        } catch (JsonProcessingException e) {
            throw new PerduraException(
                    ErrorCode.INVALID_WEIGHTS, file + ": is not a manifest of weights; import them again", e);
        } catch (IOException e) {
            throw new IllegalStateException("bytes can be read", e);
        }
    }

    /** A tensor that was not taken from a file, and why. */
    public record LeftOut(String name, String reason) {}
}
