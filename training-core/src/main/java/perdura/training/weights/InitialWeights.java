package perdura.training.weights;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.datasets.text.Vocabulary;
import perdura.grids.spec.BertSpec;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PretrainSpec.InitialWeightsSpec;
import perdura.grids.spec.ResnetSpec;
import perdura.training.checkpoint.FileDigest;
import perdura.training.checkpoint.HostTensor;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Parameters;
import perdura.training.weights.file.FileTensor;
import perdura.training.weights.file.WeightFile;

/**
 * Imported weights with which the encoders of a pre-training begin. Weights of a ResNet or a BERT fill that encoder;
 * PRIOR's fill the pools of that side too.
 */
public final class InitialWeights {
    /** None: all first values are those of the seed. */
    public static final InitialWeights NONE = new InitialWeights(new WeightStore(Path.of("")), Map.of());

    private final WeightStore store;
    private final Map<Side, WeightSet> sets;

    private InitialWeights(WeightStore store, Map<Side, WeightSet> sets) {
        this.store = store;
        this.sets = new LinkedHashMap<>(sets);
    }

    /** An encoder. */
    private enum Side {
        IMAGE("initialWeights.image", WeightKind.RESNET, "image."),
        TEXT("initialWeights.text", WeightKind.BERT, "text.");

        private final String key;
        private final WeightKind alone;
        private final String prefix;

        Side(String key, WeightKind alone, String prefix) {
            this.key = key;
            this.alone = alone;
            this.prefix = prefix;
        }

        /** The name that a tensor of a set has in the model; null if it is of the other side. */
        @Nullable
        String target(WeightKind kind, String name) {
            if (kind == alone) {
                return (this == IMAGE ? "image.backbone." : "text.bert.") + name;
            }
            return name.startsWith(prefix) ? name : null;
        }
    }

    /**
     * Finds the weights that a spec asks for.
     *
     * @throws PerduraException NOT_FOUND if the store lacks them; INVALID_SPEC if they are of the other encoder
     */
    public static InitialWeights find(WeightStore store, InitialWeightsSpec spec) {
        Map<Side, WeightSet> sets = new LinkedHashMap<>();
        if (spec.image() != null) {
            sets.put(Side.IMAGE, find(store, Side.IMAGE, spec.image()));
        }
        if (spec.text() != null) {
            sets.put(Side.TEXT, find(store, Side.TEXT, spec.text()));
        }
        return new InitialWeights(store, sets);
    }

    private static WeightSet find(WeightStore store, Side side, String digest) {
        WeightSet set = store.load(digest);
        WeightKind kind = set.manifest().kind();
        if (kind != side.alone && kind != WeightKind.PRIOR) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    side.key + " names weights of kind " + kind.word() + " ("
                            + set.manifest().source().file() + "); it takes kind " + side.alone.word() + " or prior");
        }
        return set;
    }

    /**
     * Whether they fit a model.
     *
     * @param image sizes of its encoder of images
     * @param text sizes of its encoder of texts; null if it is no BERT
     * @param shapes of all of its tensors, by name
     * @param vocabulary of the data, or null if it is not known yet
     * @throws PerduraException INVALID_SPEC with both sizes, for everything that does not fit
     */
    public void check(
            ResnetSpec image,
            @Nullable BertSpec text,
            Map<String, List<Long>> shapes,
            @Nullable Vocabulary vocabulary) {
        List<String> problems = new ArrayList<>();
        sets.forEach((side, set) -> {
            SizeCheck check = new SizeCheck(side.key, set, shapes, problems);
            if (side == Side.IMAGE) {
                check.image(image);
            } else if (text != null) {
                check.text(text, vocabulary);
            } else {
                problems.add(side.key + ": the method has no BERT that could begin with these weights");
            }
        });
        if (!problems.isEmpty()) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, String.join("\n", problems));
        }
    }

    /**
     * Copies them over the first values. Every byte is checked before.
     *
     * @param layout of the parameters; tensors that it lacks (the token pool of {@code gather: mean}) are not used
     * @throws PerduraException INVALID_WEIGHTS if a byte is not what was imported; INVALID_SPEC if a shape does not fit
     */
    public void copyInto(StateDictLayout layout, Parameters parameters) {
        Map<String, List<Long>> shapes = layout.shapes();
        sets.forEach((side, set) -> {
            store.verify(set);
            try (WeightFile file = WeightFile.open(set.weights())) {
                for (FileTensor tensor : file.tensors()) {
                    String target = side.target(set.manifest().kind(), tensor.name());
                    List<Long> shape = target == null ? null : shapes.get(target);
                    if (target != null && shape != null) {
                        copy(side, file, tensor, target, shape, parameters);
                    }
                }
            }
        });
    }

    private static void copy(
            Side side, WeightFile file, FileTensor tensor, String target, List<Long> shape, Parameters parameters) {
        boolean isFirst = target.equals("image.backbone." + FirstConvolution.NAME);
        if (!tensor.shape().equals(shape) && !(isFirst && fitsByChannels(tensor.shape(), shape))) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    side.key + ": tensor " + target + " of the weights is " + tensor.shape() + ", of the model " + shape
                            + "; take the encoder alone: import the file with --kind " + side.alone.word());
        }
        HostTensor read = file.read(tensor, target);
        parameters.copyIn(isFirst ? FirstConvolution.fit(read, shape.get(1).intValue()) : read);
    }

    private static boolean fitsByChannels(List<Long> has, List<Long> wanted) {
        return has.size() == 4
                && has.get(0).equals(wanted.get(0))
                && has.subList(2, 4).equals(wanted.subList(2, 4));
    }

    /**
     * Compares the sizes of imported weights with those of a model.
     *
     * @param key of the spec, for messages
     * @param shapes of all tensors of the model, by name
     */
    private record SizeCheck(String key, WeightSet set, Map<String, List<Long>> shapes, List<String> problems) {
        void image(ResnetSpec model) {
            ResnetSizes sizes = set.manifest().image();
            if (sizes == null) {
                throw new IllegalStateException(key + " has no image encoder");
            }
            compare("model.resnetBlocks", sizes.blocks(), model.blocks());
            compare("model.resnetWidth", sizes.width(), model.width());
            if (!shapes.containsKey("image.backbone.layer1.0.conv3.weight")) {
                problems.add(key + ": the weights (" + set.manifest().source().file()
                        + ") are of bottleneck blocks, the model's ResNet of basic ones; both must be the same");
            }
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
                        problems.add(
                                key + ": tensor " + name + " of the weights is " + tensor.shape() + ", of the model "
                                        + expected + "; to take the encoder alone, import the file with --kind "
                                        + (name.startsWith("image.") ? "resnet" : "bert"));
                    }
                }
            }
        }
    }
}
