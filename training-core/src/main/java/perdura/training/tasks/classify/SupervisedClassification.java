package perdura.training.tasks.classify;

import java.util.stream.IntStream;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.data.Normalization;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ResourceSpec;
import perdura.training.nn.Classifier;
import perdura.training.nn.ImageEncoder;
import perdura.training.nn.StateDictLayout;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.PixelStatistics;
import perdura.training.tasks.TaskData;
import perdura.training.tasks.classify.LabelledBatches.LabelledBatch;
import perdura.training.tasks.fit.FitJob;
import perdura.training.tasks.fit.LrScheduler;
import perdura.training.torch.Torch;

/**
 * Supervised classification (prior.md 4.2): encoder and one random linear layer, all of it trained, with a rate that goes to 0
 * as a cosine per step. Images are normalised by the pixels of the training rows. The epoch with the greatest validation
 * AUROC, the mean over the labels, is tested.
 *
 * @param seed of the run: first values of the layer, the order of an epoch, and a random encoder
 * @param batchSize images of an optimiser step; an epoch's last step has what is left
 */
public record SupervisedClassification(
        ImageEncoder encoder, long seed, int epochs, int batchSize, double learningRate, OptimizerSpec optimizer) {
    private static final FitJob.Criterion<ClassificationMetrics> GREATEST_AUROC = new FitJob.Criterion<>(
            FitJob.Criterion.Order.GREATEST,
            evaluation -> evaluation
                    .meanAuroc()
                    .orElseThrow(() -> new IllegalStateException(String.valueOf(evaluation.undefined()))));

    public SupervisedClassification {
        if (epochs < 1 || batchSize < 1) {
            throw new IllegalArgumentException(
                    "a classification needs epochs >= 1 and batchSize >= 1, was " + epochs + " and " + batchSize);
        }
    }

    /**
     * A job at position 0. To be called by the thread that then drives the job.
     *
     * @param resources device, and threads of the engine and of the loaders
     * @param alive called for each batch that is measured
     * @throws PerduraException INVALID_SPEC if the weights don't fit; INVALID_DATA if no label has both classes in the
     *     validation part, or the training images are all of one grey; OUT_OF_MEMORY
     */
    public FitJob<?, ClassificationMetrics> open(
            TaskData data, EncoderWeights weights, ResourceSpec resources, Runnable alive) {
        requireSelection(data);
        Normalization scale = PixelStatistics.of(data.data(), data.train()).scale(encoder.channels());
        Torch torch = Torch.start(resources.device(), resources.threads());
        try {
            int labels = data.labels().names().size();
            Classifier classifier = Classifier.onImages(encoder, labels);
            StateDictLayout layout = classifier.layout();
            ClassifierNet net = new ClassifierNet(
                    torch, classifier, labels, seed, first -> weights.copyInto(encoder, layout, first));
            LabelledBatches train = new LabelledImages(
                    data, data.train(), view(ImageBatchConfig.View.TRAIN_PLAIN, scale, resources.threads()));
            long steps = epochs * train.batchesPerEpoch();
            return new FitJob<>(
                    net,
                    new FitJob.Plan<>(epochs, optimizer, LrScheduler.cosine(steps, learningRate), GREATEST_AUROC),
                    new FitJob.Inputs<>(
                            train,
                            measured(net, Split.VALIDATION, data, scale, resources.threads(), alive),
                            measured(net, Split.TEST, data, scale, resources.threads(), alive)));
        } catch (RuntimeException | Error e) {
            torch.close();
            throw e;
        }
    }

    private static void requireSelection(TaskData data) {
        RowList rows = data.split().rows(Split.VALIDATION);
        boolean selects = IntStream.range(0, data.labels().names().size())
                .anyMatch(label -> rows.stream()
                                .map(row -> data.labels().value(row, label))
                                .distinct()
                                .count()
                        == 2);
        if (!selects) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    "split '" + data.split().name() + "': no label has both classes among the " + rows.size()
                            + " validation samples, so no AUROC can choose an epoch; take another split or seed");
        }
    }

    private ImageBatchConfig view(ImageBatchConfig.View view, Normalization scale, int threads) {
        return new ImageBatchConfig(seed, batchSize, view, scale, threads);
    }

    private FitJob.MeasuredPart<LabelledBatch, ClassificationMetrics> measured(
            ClassifierNet net, String part, TaskData data, Normalization scale, int threads, Runnable alive) {
        RowList rows = data.split().rows(part);
        return net.measured(
                part,
                new LabelledImages(data, rows, view(ImageBatchConfig.View.EVALUATE, scale, threads)),
                rows,
                data.labels(),
                alive);
    }
}
