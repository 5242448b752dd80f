package perdura.training.weights;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import perdura.training.nn.EncoderShapes;
import perdura.training.weights.file.FileTensor;

/** Finds Hugging Face's BertModel in a file, infers its sizes, and checks every name and shape. */
record BertReading(String prefix, Part part, ImportIssues findings) {
    /** Every BERT has it. */
    static final String MARK = "embeddings.word_embeddings.weight";

    private static final Pattern OF_THE_ENCODER = Pattern.compile("(embeddings|encoder|pooler)\\..*");
    private static final Set<String> CONSTANTS = Set.of("embeddings.position_ids", "embeddings.token_type_ids");
    /** Tensors that other families have, beside BERT's. */
    private static final Map<String, String> FOREIGN = new TreeMap<>(Map.of(
            "transformer.layer.0.attention.q_lin.weight", "DistilBERT",
            "encoder.embedding_hidden_mapping_in.weight", "ALBERT",
            "embeddings_project.weight", "ELECTRA",
            "encoder.rel_embeddings.weight", "DeBERTa",
            "embeddings.embedding_transformation.weight", "MobileBERT"));

    private static final int TYPES = 2;

    /** Takes the BERT below a prefix; what is wrong with it goes to the findings. */
    static BertSizes read(List<FileTensor> all, String prefix, String target, ImportIssues findings) {
        Part part = new Part(all, prefix, target, BertReading::newName, findings);
        return new BertReading(prefix, part, findings).read();
    }

    /** Files of 2019 call the LayerNorm's weight and bias gamma and beta. */
    private static String newName(String name) {
        return name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias");
    }

    private BertSizes read() {
        BertSizes sizes = sizes();
        Map<String, List<Long>> expected =
                EncoderShapes.bert(sizes.vocabulary(), sizes.hidden(), sizes.layers(), sizes.ffn(), sizes.positions());
        String noPooler = sizes.pooler() ? null : "not in the file; no result of ours depends on it";
        part.takeAll(expected, name -> name.startsWith("pooler.") ? noPooler : null);
        for (String other : part.othersThan(expected)) {
            String name = part.fileName(other);
            if (CONSTANTS.contains(other)) {
                findings.skip(name, "a constant of Hugging Face's class");
            } else if (OF_THE_ENCODER.matcher(other).matches()) {
                findings.problem("tensor " + name
                        + " belongs to a part that BertModel does not have; the encoder can't compute it");
            } else {
                findings.skip(name, "not part of the encoder");
            }
        }
        return sizes;
    }

    private BertSizes sizes() {
        for (String other : List.of(
                "roberta.",
                "electra.",
                "camembert.",
                "longformer.",
                "distilbert.",
                "albert.",
                "mobilebert.",
                "deberta.",
                "mpnet.",
                "big_bird.",
                "luke.",
                "layoutlm.")) {
            if (prefix.endsWith(other)) {
                throw findings.refusal(
                        "a model of another family, by its names '" + other + "'; only BERT can be used");
            }
        }
        FOREIGN.forEach((name, family) -> {
            if (part.has(name)) {
                throw findings.refusal("a model of the family " + family + ", by its tensor " + part.fileName(name)
                        + "; only BERT can be used");
            }
        });
        int types = part.size("embeddings.token_type_embeddings.weight", 2, 0);
        if (types != TYPES) {
            throw findings.refusal("tensor " + prefix + "embeddings.token_type_embeddings.weight has " + types
                    + " rows; BERT has " + TYPES + " token types, RoBERTa and its kin have others");
        }
        return new BertSizes(
                part.size(MARK, 2, 0),
                part.size(MARK, 2, 1),
                Math.max(1, part.count("encoder.layer.", ".attention.self.query.weight")),
                null,
                part.size("encoder.layer.0.intermediate.dense.weight", 2, 0),
                part.size("embeddings.position_embeddings.weight", 2, 0),
                part.has("pooler.dense.weight") || part.has("pooler.dense.bias"));
    }
}
