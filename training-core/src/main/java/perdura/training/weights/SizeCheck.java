package perdura.training.weights;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.datasets.text.Vocabulary;
import perdura.grids.spec.BertSpec;
import perdura.grids.spec.ResnetSpec;
import perdura.training.checkpoint.FileDigest;
import perdura.training.weights.file.FileTensor;
import perdura.training.weights.file.WeightFile;

/** Compares the sizes of imported weights with those of a model. */
final class SizeCheck {
    private final String key;
    private final WeightSet set;
    private final Map<String, List<Long>> shapes;
    private final List<String> problems;

    /**
     * @param key of the spec, for messages
     * @param shapes of all tensors of the model, by name
     */
    SizeCheck(String key, WeightSet set, Map<String, List<Long>> shapes, List<String> problems) {
        this.key = key;
        this.set = set;
        this.shapes = shapes;
        this.problems = problems;
    }

    void image(ResnetSpec model) {
        ResnetSizes sizes = set.manifest().image();
        if (sizes == null) {
            throw new IllegalStateException(key + " has no image encoder");
        }
        compare("model.resnetBlocks", sizes.blocks(), model.blocks());
        compare("model.resnetWidth", sizes.width(), model.width());
        pool("image.attention_pool.positional_embedding");
    }

    void text(BertSpec model, @Nullable Vocabulary vocabulary) {
        BertSizes sizes = set.manifest().text();
        if (sizes == null) {
            throw new IllegalStateException(key + " has no text encoder");
        }
        compare("model.bertHidden", sizes.hidden(), model.hidden());
        compare("model.bertLayers", sizes.layers(), model.layers());
        compare("model.bertFfn", sizes.ffn(), model.ffn());
        compare("model.bertPositions", sizes.positions(), model.positions());
        if (sizes.heads() != null) {
            compare("model.bertHeads", sizes.heads(), model.heads());
        }
        pool("text.token_pool.q_proj.weight");
        pool("text.sentence_pool.q_proj.weight");
        if (vocabulary != null) {
            compare("the number of pieces in data.vocabulary", sizes.vocabulary(), vocabulary.size());
            FileDigest own = set.manifest().files().get(WeightSet.VOCABULARY);
            if (own != null && !own.sha256().equals(vocabulary.digest())) {
                problems.add(key + ": data.vocabulary is another one than the weights were trained with; take "
                        + set.folder().resolve(WeightSet.VOCABULARY));
            }
        }
    }

    private void compare(String modelKey, Object weights, Object model) {
        if (!weights.equals(model)) {
            problems.add(key + ": the weights (" + set.manifest().source().file() + ") have " + weights + " where "
                    + modelKey + " is " + model + "; both must be the same");
        }
    }

    /** PRIOR's weights bring their pools along. */
    private void pool(String name) {
        List<Long> expected = shapes.get(name);
        if (expected == null || set.manifest().kind() != WeightKind.PRIOR) {
            return;
        }
        try (WeightFile file = WeightFile.open(set.weights())) {
            for (FileTensor tensor : file.tensors()) {
                if (tensor.name().equals(name) && !tensor.shape().equals(expected)) {
                    problems.add(key + ": tensor " + name + " of the weights is " + tensor.shape() + ", of the model "
                            + expected + "; to take the encoder alone, import the file with --kind "
                            + (name.startsWith("image.") ? "resnet" : "bert"));
                }
            }
        }
    }
}
