package perdura.training.tasks.segment;

import java.util.List;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.ImageBatch;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.data.ImageBatches;
import perdura.datasets.data.Normalization;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.nn.ImageEncoder;
import perdura.training.nn.MaskLoss;
import perdura.training.nn.UNet;
import perdura.training.optim.PlateauSchedule;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.TaskContext;
import perdura.training.tasks.dense.DenseTrial.Learning;
import perdura.training.tasks.fit.FitBatches;
import perdura.training.tasks.fit.FitJob;
import perdura.training.tasks.fit.LrScheduler;
import perdura.training.tasks.segment.MaskEvaluator.MaskScores;
import perdura.training.torch.Torch;

/**
 * Fine-tuning of a U-Net on masks (prior.md 4.4, sense.md 4.4): encoder and random decoder, all of it trained. The epoch with the greatest Dice over
 * the validation part's images is tested.
 *
 * @param decoder channels of the five blocks
 * @param view of the training images
 */
record Segmentation(
        ImageEncoder encoder,
        List<Integer> decoder,
        MaskLoss loss,
        Schedule schedule,
        ImageBatchConfig.View view,
        Learning learning) {
    /** How the learning rate goes. */
    enum Schedule {
        /** To 0 per step (prior.md 4). */
        COSINE,
        /** Halved where the validation loss has not fallen (sense.md 4.4). */
        PLATEAU
    }

    /** SENSE's plateau. */
    private static final double FACTOR = 0.5;

    private static final int PLATEAU_PATIENCE = 3;

    /**
     * Refuses what BatchNorm can't normalise: a batch of one image whose deepest map is one cell.
     *
     * @param images of the training part
     * @throws PerduraException INVALID_SPEC
     */
    static void requireTrainable(int images, int batchSize, int side) {
        int last = (images - 1) % batchSize + 1;
        if (side == UNet.STRIDE && last == 1) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "batchSize is " + batchSize + ", which leaves the last batch of " + images
                            + " training images one image, and at imageSize " + side
                            + " its deepest map is one cell, of which BatchNorm has no deviation; take another"
                            + " batchSize or larger images");
        }
    }

    /**
     * A job at position 0. To be called by the thread that then drives the job.
     *
     * @param data with masks
     * @throws PerduraException INVALID_SPEC if the weights don't fit; OUT_OF_MEMORY
     */
    FitJob<ImageBatch, MaskScores> open(
            DataSet data, Split split, Normalization scale, EncoderWeights weights, TaskContext place) {
        int threads = place.resources().threads();
        Torch torch = Torch.start(place.resources().device(), threads);
        try {
            UNet model = new UNet(encoder.backbone(), decoder);
            SegmentationNet net = new SegmentationNet(
                    torch, model, loss, learning.seed(), first -> weights.copyInto(encoder, model.layout(), first));
            MaskBatches train = batches(data, split.rows(Split.TRAIN), view, scale, threads);
            TestedMasks tested =
                    new TestedMasks(net, data, split, config(ImageBatchConfig.View.EVALUATE, scale, threads), place);
            return new FitJob<>(
                    net,
                    new FitJob.Plan<>(
                            learning.epochs(),
                            learning.optimizer(),
                            rate(learning.epochs() * train.batchesPerEpoch()),
                            new FitJob.Criterion<>(FitJob.Criterion.Order.GREATEST, MaskScores::meanDice),
                            learning.patience(),
                            tested::end),
                    new FitJob.Inputs<>(
                            train,
                            measured(net, data, split, Split.VALIDATION, scale, place),
                            measured(net, data, split, Split.TEST, scale, place)));
        } catch (RuntimeException | Error e) {
            torch.close();
            throw e;
        }
    }

    private LrScheduler rate(long steps) {
        return switch (schedule) {
            case COSINE -> LrScheduler.cosine(steps, learning.rate());
            case PLATEAU ->
                new LrScheduler.Plateau(PlateauSchedule.starting(learning.rate(), FACTOR, PLATEAU_PATIENCE));
        };
    }

    private FitJob.MeasuredPart<ImageBatch, MaskScores> measured(
            SegmentationNet net, DataSet data, Split split, String part, Normalization scale, TaskContext place) {
        return new FitJob.MeasuredPart<>(
                part,
                batches(
                        data,
                        split.rows(part),
                        ImageBatchConfig.View.EVALUATE,
                        scale,
                        place.resources().threads()),
                kind -> new MaskEvaluator(net, kind),
                place.alive());
    }

    private MaskBatches batches(
            DataSet data, RowList rows, ImageBatchConfig.View seen, Normalization scale, int threads) {
        return new MaskBatches(new ImageBatches(data, rows.toArray(), config(seen, scale, threads)));
    }

    private ImageBatchConfig config(ImageBatchConfig.View seen, Normalization scale, int threads) {
        return new ImageBatchConfig(learning.seed(), learning.batchSize(), seen, scale, threads);
    }

    /** Images with their masks. */
    record MaskBatches(ImageBatches images) implements FitBatches<ImageBatch> {
        @Override
        public long batchesPerEpoch() {
            return images.batchesPerEpoch();
        }

        @Override
        public ImageBatch batch(int epoch, long index) {
            return images.batch(epoch, index);
        }

        @Override
        public void close() {
            images.close();
        }
    }
}
