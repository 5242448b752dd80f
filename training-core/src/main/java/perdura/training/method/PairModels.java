package perdura.training.method;

import java.util.List;
import perdura.datasets.text.Vocabulary;
import perdura.grids.spec.PretrainSpec;
import perdura.training.torch.Torch;
import perdura.training.weights.CheckpointWeights;

/** How a method's models score images with texts. */
public interface PairModels {
    /** Most pieces of a text, with the two special ones. */
    int textLength(PretrainSpec spec);

    /**
     * Checks texts before a model is opened, as {@link PairModel#prompts} will read them.
     *
     * @param vocabulary that the model was trained with
     * @param texts the sentences of each
     * @throws perdura.grids.spec.PerduraException INVALID_SPEC if a text can't be read whole
     */
    default void checkPrompts(PretrainSpec spec, Vocabulary vocabulary, List<List<String>> texts) {
        PromptTexts.encode(vocabulary, textLength(spec), texts);
    }

    /** Whether a model has learned local scores by the end of a stage. */
    boolean scoresLocally(PretrainSpec spec, int stage);

    /**
     * Loads a checkpoint.
     *
     * @param torch stays the caller's
     * @param stage the one at whose end the checkpoint was made
     * @param vocabulary number of WordPieces
     * @throws perdura.grids.spec.PerduraException as {@link CheckpointWeights#copyInto}
     */
    PairModel open(Torch torch, PretrainSpec spec, int stage, int vocabulary, CheckpointWeights weights);
}
