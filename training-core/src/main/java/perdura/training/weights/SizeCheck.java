package perdura.training.weights;

import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.datasets.text.Vocabulary;
import perdura.training.checkpoint.FileDigest;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.weights.file.FileTensor;
import perdura.training.weights.file.WeightFile;

/** Compares the sizes of imported weights with those of a model. */
final class SizeCheck {
    private final String key;
    private final WeightSet set;
    private final List<String> problems;

    /** @param key of the spec, for messages */
    SizeCheck(String key, WeightSet set, List<String> problems) {
        this.key = key;
        this.set = set;
        this.problems = problems;
    }

    void image(ModelSpec model) {
        ResnetSizes sizes = set.manifest().image();
        if (sizes == null) {
            throw new IllegalStateException(key + " has no image encoder");
        }
        compare("model.resnetBlocks", sizes.blocks(), model.image().resnet().blocks());
        compare("model.resnetWidth", sizes.width(), model.image().resnet().width());
        pool("image.attention_pool.positional_embedding", List.of(1L + model.patches(), (long)
                model.image().resnet().channels()));
    }

    void text(ModelSpec model, @Nullable Vocabulary vocabulary) {
        BertSizes sizes = set.manifest().text();
        if (sizes == null) {
            throw new IllegalStateException(key + " has no text encoder");
        }
        compare("model.bertHidden", sizes.hidden(), model.text().bert().hidden());
        compare("model.bertLayers", sizes.layers(), model.text().bert().layers());
        compare("model.bertFfn", sizes.ffn(), model.text().bert().ffn());
        compare("model.bertPositions", sizes.positions(), model.text().bert().positions());
        if (sizes.heads() != null) {
            compare("model.bertHeads", sizes.heads(), model.text().bert().heads());
        }
        if (model.heads().gather() == ModelSpec.Gather.ATTENTION) {
            pool("text.token_pool.q_proj.weight", List.of((long) model.heads().tokenPoolDim(), (long) model.dim()));
        }
        pool("text.sentence_pool.q_proj.weight", List.of((long) model.dim(), (long) model.dim()));
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
    private void pool(String name, List<Long> expected) {
        if (set.manifest().kind() != WeightKind.PRIOR) {
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
