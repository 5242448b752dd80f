package perdura.training.weights;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.DurableFiles;
import perdura.training.checkpoint.SafetensorsWriter;
import perdura.training.checkpoint.TensorSource;
import perdura.training.weights.file.WeightFile;

/** Writes a text encoder as a folder that Hugging Face's {@code BertModel.from_pretrained} loads completely. */
public final class TransformersExport {
    private TransformersExport() {}

    /**
     * Writes the folder: config.json, model.safetensors and, if the vocabulary is known, the tokeniser's files.
     *
     * @return the Python lines that load it
     * @throws PerduraException INVALID_SPEC if the source has no text encoder, or the place is taken;
     *     ARTIFACT_STORE_UNAVAILABLE if it can't be written
     */
    public static List<String> write(ExportSource source, Path out, DurableEffects effects) {
        String prefix = source.text();
        if (prefix == null) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "these weights have no text encoder; --format torchvision is for their image encoder");
        }
        try (WeightFile file = WeightFile.open(source.weights())) {
            ImportIssues findings = new ImportIssues(source.weights().toString());
            BertSizes sizes =
                    BertReading.read(file.tensors(), prefix, "", findings).withHeads(source.heads());
            findings.throwIfAny();
            List<TensorSource> tensors = new ArrayList<>();
            findings.taken().forEach((name, tensor) -> tensors.add(file.source(tensor, name)));
            Optional<byte[]> vocabulary = VocabularyFile.find(source.vocabulary(), sizes.vocabulary());
            ExportTarget.write(out, effects, folder -> fill(folder, tensors, sizes, vocabulary, effects));
            return python(sizes, vocabulary.isPresent(), out);
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                    source.vocabulary() + ": can't be read (" + RegularFile.reason(e) + ")",
                    e);
        }
    }

    private static void fill(
            Path folder,
            List<TensorSource> tensors,
            BertSizes sizes,
            Optional<byte[]> vocabulary,
            DurableEffects effects)
            throws IOException {
        Files.createDirectory(folder);
        SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, effects);
        json(folder.resolve("config.json"), config(sizes), effects);
        if (vocabulary.isPresent()) {
            DurableFiles.write(folder.resolve(WeightSet.VOCABULARY), vocabulary.get(), effects);
            json(
                    folder.resolve("tokenizer_config.json"),
                    Map.of(
                            "do_lower_case",
                            true,
                            "model_max_length",
                            sizes.positions(),
                            "tokenizer_class",
                            "BertTokenizer"),
                    effects);
        }
        DurableFiles.syncFolder(folder, effects);
    }

    private static void json(Path file, Map<String, ? extends @Nullable Object> json, DurableEffects effects)
            throws IOException {
        DurableFiles.write(file, (CanonicalJson.write(json) + "\n").getBytes(StandardCharsets.UTF_8), effects);
    }

    private static Map<String, Object> config(BertSizes sizes) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("architectures", List.of("BertModel"));
        config.put("model_type", "bert");
        config.put("vocab_size", sizes.vocabulary());
        config.put("hidden_size", sizes.hidden());
        config.put("num_hidden_layers", sizes.layers());
        config.put("num_attention_heads", sizes.likelyHeads());
        config.put("intermediate_size", sizes.ffn());
        config.put("max_position_embeddings", sizes.positions());
        config.put("type_vocab_size", 2);
        config.put("hidden_act", "gelu");
        config.put("layer_norm_eps", 1e-12);
        config.put("hidden_dropout_prob", 0.1);
        config.put("attention_probs_dropout_prob", 0.1);
        config.put("initializer_range", 0.02);
        config.put("pad_token_id", 0);
        config.put("position_embedding_type", "absolute");
        config.put("torch_dtype", "float32");
        return config;
    }

    private static List<String> python(BertSizes sizes, boolean tokenizer, Path out) {
        String folder = TorchvisionExport.quoted(out);
        List<String> lines = new ArrayList<>();
        lines.add("from transformers import BertModel" + (tokenizer ? ", BertTokenizer" : ""));
        lines.add(
                "model = BertModel.from_pretrained(" + folder + (sizes.pooler() ? ")" : ", add_pooling_layer=False)"));
        if (tokenizer) {
            lines.add("tokenizer = BertTokenizer.from_pretrained(" + folder + ")");
        }
        return lines;
    }
}
