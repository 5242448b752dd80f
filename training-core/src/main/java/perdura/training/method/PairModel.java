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
     * @param texts the sentences of each, at least one
     * @throws perdura.grids.spec.PerduraException as {@link PairModels#checkPrompts}
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

    /** How well each of N images fits each of C texts (prior.md 4.3). The arrays are its own: don't change them. */
    public static final class PairScores {
        private final double[][] cosines;
        private final double[][] local;

        public PairScores(double[][] cosines, double[][] local) {
            this.cosines = cosines;
            this.local = local;
        }

        /** Images N. */
        public int size() {
            return cosines.length;
        }

        /** The cosines of an image and every text [C]. */
        public double[] cosines(int image) {
            return cosines[image];
        }

        /** Half of (mean of A_s) + (mean of A_v) of an image and every text, each over all patches and the text's own sentences [C]. */
        public double[] local(int image) {
            return local[image];
        }
    }
}
