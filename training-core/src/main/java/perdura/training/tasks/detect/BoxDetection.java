package perdura.training.tasks.detect;

import perdura.datasets.data.DataSet;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.data.Normalization;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.spec.PerduraException;
import perdura.training.nn.ImageEncoder;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.PixelStatistics;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.dense.DenseTrial.Learning;
import perdura.training.tasks.detect.DetectionEvaluator.DetectionScores;
import perdura.training.tasks.fit.FitJob;
import perdura.training.tasks.fit.FitJob.Criterion.Order;
import perdura.training.tasks.fit.LrScheduler;
import perdura.training.torch.Torch;

/**
 * Fine-tuning of a detector (prior.md 4.5): encoder, pyramid and heads, all of it trained but BatchNorm, with a rate that goes to 0 as a cosine
 * per step. Images are normalised by the pixels of the training rows. The epoch with the greatest validation mAP is tested.
 */
record BoxDetection(ImageEncoder encoder, DetectorSpec spec, Learning learning) {
    /**
     * A job at position 0. To be called by the thread that then drives the job.
     *
     * @param split of rows that have boxes
     * @throws PerduraException INVALID_SPEC if the weights don't fit; INVALID_DATA if a box isn't one, or the training images are all of one
     *     grey; OUT_OF_MEMORY
     */
    FitJob<BoxBatch, DetectionScores> open(DataSet data, Split split, EncoderWeights weights, TaskContext place) {
        BoxTruths truths = BoxTruths.of(data);
        truths.positives().stream().forEach(truths::of); // each is looked at before the first step
        RowList rows = split.rows(Split.TRAIN);
        int threads = place.resources().threads();
        Normalization scale = PixelStatistics.of(data, rows).scale(encoder.channels());
        ImageBatchConfig plain = view(ImageBatchConfig.View.EVALUATE, scale, threads);
        Torch torch = Torch.start(place.resources().device(), threads);
        try {
            Detector detector = new Detector(encoder.backbone(), spec);
            DetectorNet net = new DetectorNet(
                    torch, detector, learning.seed(), first -> weights.copyInto(encoder, detector.layout(), first));
            BoxBatches train =
                    new BoxBatches(data, truths, rows, view(ImageBatchConfig.View.TRAIN_PLAIN, scale, threads));
            TestedBoxes tested = new TestedBoxes(net, data, truths, split, plain, place);
            return new FitJob<>(
                    net,
                    new FitJob.Plan<>(
                            learning.epochs(),
                            learning.optimizer(),
                            LrScheduler.cosine(learning.epochs() * train.batchesPerEpoch(), learning.rate()),
                            new FitJob.Criterion<>(Order.GREATEST, DetectionScores::map),
                            learning.patience(),
                            tested::end),
                    new FitJob.Inputs<>(
                            train,
                            measured(net, data, truths, split, Split.VALIDATION, plain, place),
                            measured(net, data, truths, split, Split.TEST, plain, place)));
        } catch (RuntimeException | Error e) {
            torch.close();
            throw e;
        }
    }

    private ImageBatchConfig view(ImageBatchConfig.View view, Normalization scale, int threads) {
        return new ImageBatchConfig(learning.seed(), learning.batchSize(), view, scale, threads);
    }

    private static FitJob.MeasuredPart<BoxBatch, DetectionScores> measured(
            DetectorNet net,
            DataSet data,
            BoxTruths truths,
            Split split,
            String part,
            ImageBatchConfig config,
            TaskContext place) {
        return new FitJob.MeasuredPart<>(
                part,
                new BoxBatches(data, truths, split.rows(part), config),
                kind -> new DetectionEvaluator(net, kind),
                place.alive());
    }
}
