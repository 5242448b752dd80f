package perdura.training.methods.prior.model;

import java.util.ArrayList;
import java.util.List;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.ImageBatch;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.data.ImageBatches;
import perdura.datasets.data.Normalization;
import perdura.datasets.text.EncodedReport;
import perdura.datasets.text.Vocabulary;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.method.PairModel;
import perdura.training.method.PairModel.PairScores;
import perdura.training.method.PromptTexts;
import perdura.training.methods.prior.model.PriorInference.EncodedImages;
import perdura.training.methods.prior.spec.ModelSpec;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.nn.StateDictLayout;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Torch;
import perdura.training.weights.CheckpointWeights;

/**
 * The weights of one of PRIOR's stages on a device, with which images, reports and prompts are encoded (prior.md 4.3). For the
 * thread of its engine; what a method gives lives in the scope that it is given.
 *
 * @param parameters all weights and buffers, by their names in a checkpoint
 * @param inference what answers
 */
public record TrainedPrior(Prior prior, Parameters parameters, PriorInference inference) implements PairModel {
    /**
     * Loads a checkpoint.
     *
     * @param torch stays the caller's
     * @param stage the one at whose end the checkpoint was made: it decides whether the bank is asked
     * @param vocabulary number of WordPieces
     * @throws PerduraException as {@link CheckpointWeights#copyInto}
     */
    public static TrainedPrior open(
            Torch torch, ModelSpec model, StageSpec stage, int vocabulary, CheckpointWeights weights) {
        Prior prior = new Prior(model, vocabulary);
        StateDictLayout layout = prior.layout();
        Parameters parameters = layout.allocate(torch, ElementType.F32);
        weights.copyInto(layout, parameters, "the model");
        return new TrainedPrior(prior, parameters, new PriorInference(torch, parameters, prior, stage));
    }

    /** Its sizes. */
    public ModelSpec model() {
        return prior.spec();
    }

    /** l_g, the stored logarithm of the global scale (prior.md 2.5). */
    @Override
    public double logScale() {
        return parameters.tensor("global_log_scale").item();
    }

    /**
     * The images of rows in batches, as {@link #images} takes them: the first image of each row, in the order of the rows. To be
     * closed by the caller.
     *
     * @param batchSize images of a batch; the last one has what is left
     * @param threads workers that make batches ahead, at least 1
     */
    public static ImageBatches batches(DataSet data, int[] rows, int batchSize, int threads) {
        return new ImageBatches(
                data,
                rows,
                new ImageBatchConfig(0, batchSize, ImageBatchConfig.View.EVALUATE, Normalization.GREY, threads));
    }

    /** Encodes a batch of images of {@code model().imageSize()} pixels. */
    public EncodedImages images(StepScope scope, ImageBatch batch) {
        int side = prior.spec().imageSize();
        return inference.encodeImages(scope, scope.floats(batch.images(), batch.size(), 1, side, side));
    }

    /**
     * Encodes the reports of rows as {@link #reports(DataSet, int[])} gives them.
     *
     * @param rows at least one
     * @param alive called now and then
     */
    @Override
    public EncodedTexts reports(StepScope scope, DataSet data, int[] rows, Runnable alive) {
        return inference.encodeTexts(scope, reports(data, rows), alive);
    }

    /** The reports of rows as the model reads them: all sentences in the report's order, cut at {@code model().textLength()} pieces. */
    public List<EncodedReport> reports(DataSet data, int[] rows) {
        List<EncodedReport> texts = new ArrayList<>(rows.length);
        for (int row : rows) {
            texts.add(EncodedReport.of(
                    data.sentences(row), model().textLength(), model().text().overlong()));
        }
        return texts;
    }

    /**
     * Encodes texts that are given by their sentences.
     *
     * @param vocabulary that the model was trained with
     * @param texts as {@link PromptTexts#encode} takes them
     * @throws PerduraException as {@link PromptTexts#encode}
     */
    @Override
    public EncodedTexts prompts(StepScope scope, Vocabulary vocabulary, List<List<String>> texts) {
        return inference.encodeTexts(
                scope, PromptTexts.encode(vocabulary, prior.spec().textLength(), texts), () -> {});
    }

    @Override
    public PairScores score(StepScope scope, ImageBatch batch, Texts texts, Runnable alive) {
        return inference.score(images(scope, batch), (EncodedTexts) texts, alive);
    }

    @Override
    public void close() {
        inference.close();
        parameters.close();
    }
}
