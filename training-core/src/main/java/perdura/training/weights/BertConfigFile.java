package perdura.training.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.grids.input.RegularFile;
import perdura.grids.input.RegularFile.TooLargeException;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PlainText;
import perdura.grids.spec.ReadLimit;

/** Hugging Face's config.json beside a BERT: agrees with the tensors, and asks for the functions that the encoder has. */
record BertConfigFile(Path file, JsonNode json) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Checks the config.json in a folder, if there is one.
     *
     * @return the number of heads it names, or null
     * @throws PerduraException INVALID_WEIGHTS with the key, both values, and what would be right
     */
    static @Nullable Integer check(@Nullable Path folder, BertSizes sizes) {
        return find(folder).map(config -> config.check(sizes)).orElse(null);
    }

    /**
     * Says which family a model is of that could not be recognised, if the config.json beside it does.
     *
     * @throws PerduraException INVALID_WEIGHTS if it is none of BERT's
     */
    static void refuseOtherFamily(Path weights, PerduraException refusal) {
        Optional<BertConfigFile> config = find(weights.getParent());
        String family = config.map(c -> c.json.path("model_type").asText()).orElse("");
        if (!family.isEmpty() && !family.equals("bert")) {
            throw new PerduraException(
                    ErrorCode.INVALID_WEIGHTS,
                    PlainText.line(weights + ": a model of the family '" + PlainText.shown(family)
                            + "', as model_type says in " + config.get().file + "; only BERT can be used"),
                    refusal);
        }
    }

    private static Optional<BertConfigFile> find(@Nullable Path folder) {
        Path file = folder == null ? null : folder.resolve("config.json");
        if (file == null || !Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new BertConfigFile(file, JSON.readTree(RegularFile.read(file, ReadLimit.CONFIG_BYTES))));
        } catch (JsonProcessingException e) {
            throw new PerduraException(ErrorCode.INVALID_WEIGHTS, file + ": is not JSON", e);
        } catch (TooLargeException e) {
            throw new PerduraException(ErrorCode.INVALID_WEIGHTS, file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE, file + ": can't be read (" + RegularFile.reason(e) + ")", e);
        }
    }

    private @Nullable Integer check(BertSizes sizes) {
        same("vocab_size", sizes.vocabulary());
        same("hidden_size", sizes.hidden());
        same("num_hidden_layers", sizes.layers());
        same("intermediate_size", sizes.ffn());
        same("max_position_embeddings", sizes.positions());
        only("model_type", "bert");
        only("hidden_act", "gelu");
        only("position_embedding_type", "absolute");
        for (String key : List.of("is_decoder", "add_cross_attention")) {
            if (json.path(key).asBoolean(false)) {
                throw fault(
                        key + " is true: a causal BERT sees the words before each word alone; only BERT as an encoder"
                                + " can be computed");
            }
        }
        double epsilon = json.path("layer_norm_eps").asDouble(1e-12);
        if (epsilon != 1e-12) {
            throw fault("layer_norm_eps is " + epsilon + "; the encoder computes with 1e-12");
        }
        JsonNode heads = json.path("num_attention_heads");
        if (!heads.isInt()) {
            return null;
        }
        if (heads.asInt() < 1 || sizes.hidden() % heads.asInt() != 0) {
            throw fault(
                    "num_attention_heads is " + heads + ", which does not divide the hidden size " + sizes.hidden());
        }
        return heads.asInt();
    }

    private void same(String key, int actual) {
        JsonNode value = json.path(key);
        if (!value.isMissingNode() && !(value.isInt() && value.asInt() == actual)) {
            throw fault(key + " is " + PlainText.shown(value.toString()) + ", but the tensors have " + actual
                    + "; is it the configuration of other weights?");
        }
    }

    private void only(String key, String supported) {
        JsonNode value = json.path(key);
        if (value.isTextual() && !value.asText().equals(supported)) {
            throw fault(
                    key + " is " + PlainText.shown(value.toString()) + "; only \"" + supported + "\" can be computed");
        }
    }

    private PerduraException fault(String fault) {
        return new PerduraException(ErrorCode.INVALID_WEIGHTS, file + ": " + fault);
    }
}
