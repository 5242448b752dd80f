package perdura.training.method;

import java.util.List;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.ImageBatch;
import perdura.datasets.text.Vocabulary;
import perdura.training.torch.StepScope;

/** A trained model of images and texts that answers. For the thread of its engine; what it gives lives in the scope that it is given. */
public interface PairModel extends AutoCloseable {
    /** Texts as the model reads them. */
    interface Texts {
        /** Number of texts. */
        int size();

        /** Sentences of all texts. */
        int sentenceCount();
    }

    /**
     * Encodes the reports of rows.
     *
     * @param rows at least one
     * @param alive called now and then
     */
    Texts reports(StepScope scope, DataSet data, int[] rows, Runnable alive);

    /**
     * Encodes texts that are given by their sentences.
     *
     * @param vocabulary that the model was trained with
     * @param texts as {@link PromptTexts#encode} takes them
     * @throws perdura.grids.spec.PerduraException as {@link PromptTexts#encode}
     */
    Texts prompts(StepScope scope, Vocabulary vocabulary, List<List<String>> texts);

    /**
     * Scores every image with every text.
     *
     * @param texts that this model encoded
     * @param alive called now and then
     */
    PairScores score(StepScope scope, ImageBatch batch, Texts texts, Runnable alive);

    /** The stored logarithm of what cosines are multiplied with in training. */
    double logScale();

    @Override
    void close();
}
