package perdura.training.tasks.classify;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import perdura.datasets.array.NpyFile;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.data.Normalization;
import perdura.datasets.seeds.Seeds;
import perdura.datasets.split.BinaryLabels;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ResourceSpec;
import perdura.training.nn.Classifier;
import perdura.training.nn.ImageEncoder;
import perdura.training.optim.PlateauSchedule;
import perdura.training.tasks.EncoderWeights;
import perdura.training.tasks.TaskData;
import perdura.training.tasks.classify.LabelledBatches.LabelledBatch;
import perdura.training.tasks.fit.FitJob;
import perdura.training.tasks.fit.LrScheduler;
import perdura.training.torch.Torch;

/**
 * The linear probe (sense.md 4.2): one random linear layer on the features of a frozen encoder in evaluation mode. The epoch
 * with the least validation loss is tested.
 *
 * @param scale the normalisation of the encoder's pre-training, of as many planes as it takes
 * @param seed of the run: first values of the layer, the order and crops of an epoch, and a random encoder
 * @param batchSize images of an optimiser step; an epoch's last step has what is left
 * @param patience epochs without a lower validation loss that are borne
 * @param factor what the rate is multiplied with then, in (0, 1)
 */
public record LinearProbe(
        ImageEncoder encoder,
        Normalization scale,
        TrainView view,
        long seed,
        int epochs,
        int batchSize,
        double learningRate,
        int patience,
        double factor,
        OptimizerSpec optimizer) {
    /** What the training sees of an image. Validation and test see its centre. */
    public enum TrainView {
        /** Its centre: all features are computed once and shared with all other probes. */
        CENTRE,
        /** A random crop, mirrored half of the time, another one in each epoch: the encoder runs in every step. */
        CROP
    }

    public LinearProbe {
        if (epochs < 1 || batchSize < 1) {
            throw new IllegalArgumentException(
                    "a probe needs epochs >= 1 and batchSize >= 1, was " + epochs + " and " + batchSize);
        }
    }

    /**
     * A job at position 0. To be called by the thread that then drives the job. Computes the features of all images of the
     * data set first, unless the artifact store has them.
     *
     * @param artifactRoot where features are kept
     * @param resources device, and threads of the engine and of the loaders
     * @param encoded told how many images are encoded
     * @throws PerduraException INVALID_SPEC if the weights don't fit, or the planes of the images; INVALID_DATA if the view
     *     needs a margin for crops that the data set hasn't; ARTIFACT_STORE_UNAVAILABLE; OUT_OF_MEMORY
     */
    public FitJob<?, ClassificationMetrics> open(
            TaskData data,
            EncoderWeights weights,
            Path artifactRoot,
            ResourceSpec resources,
            DurableEffects effects,
            LongConsumer encoded) {
        if (scale.planes() != encoder.channels()) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "the encoder takes images of " + encoder.channels() + " planes, the normalisation gives "
                            + scale.planes());
        }
        Torch torch = Torch.start(resources.device(), resources.threads());
        try {
            FrozenEncoder frozen = new FrozenEncoder(torch, encoder, weights, seed);
            FeatureTable table =
                    new FeatureTable(artifactRoot, data.data(), frozen, scale, environment(torch, resources), effects);
            NpyFile features = table.open(resources.threads(), encoded);
            int labels = data.labels().names().size();
            Classifier head = Classifier.onFeatures(encoder.features(), labels);
            ClassifierNet net = new ClassifierNet(torch, head, labels, seed, first -> {});
            return new FitJob<>(net, plan(), inputs(net, data, frozen, features, resources.threads()));
        } catch (RuntimeException | Error e) {
            torch.close();
            throw e;
        }
    }

    private static List<String> environment(Torch torch, ResourceSpec resources) {
        return List.of(Torch.engineVersion(), torch.kind(), String.valueOf(resources.threads()));
    }

    private FitJob.Plan<ClassificationMetrics> plan() {
        PlateauSchedule schedule = PlateauSchedule.starting(learningRate, factor, patience);
        return new FitJob.Plan<>(
                epochs,
                optimizer,
                new LrScheduler.Plateau(schedule),
                new FitJob.Criterion<>(FitJob.Criterion.Order.LEAST, ClassificationMetrics::loss));
    }

    private FitJob.Inputs<LabelledBatch, ClassificationMetrics> inputs(
            ClassifierNet net, TaskData data, FrozenEncoder frozen, NpyFile features, int threads) {
        LabelledBatches train = switch (view) {
            case CENTRE -> FeatureInputs.shuffled(features, data.labels(), data.train(), batchSize, seed);
            case CROP ->
                new CropFeatures(
                        new LabelledImages(
                                data,
                                data.train(),
                                new ImageBatchConfig(
                                        seed, batchSize, ImageBatchConfig.View.TRAIN_CROP, scale, threads)),
                        frozen);
        };
        return new FitJob.Inputs<>(
                train, measured(net, Split.VALIDATION, data, features), measured(net, Split.TEST, data, features));
    }

    private FitJob.MeasuredPart<LabelledBatch, ClassificationMetrics> measured(
            ClassifierNet net, String part, TaskData data, NpyFile features) {
        RowList rows = data.split().rows(part);
        return net.measured(
                part, FeatureInputs.inOrder(features, data.labels(), rows, batchSize), rows, data.labels(), () -> {});
    }

    /**
     * Features of images that are another crop in every epoch (sense.md 4.2): [B, features].
     *
     * @param images taken over
     * @param encoder stays the caller's
     */
    private record CropFeatures(LabelledImages images, FrozenEncoder encoder) implements LabelledBatches {
        @Override
        public long batchesPerEpoch() {
            return images.batchesPerEpoch();
        }

        @Override
        public LabelledBatch batch(int epoch, long index) {
            LabelledBatch batch = images.batch(epoch, index);
            FloatBuffer features = encoder.features(batch.inputs(), batch.sizes());
            List<Long> shape = List.of((long) batch.size(), (long) encoder.features());
            return new LabelledBatch(batch.size(), features, shape, batch.targets());
        }

        @Override
        public void close() {
            images.close();
        }
    }

    /** Features out of a table: [B, features]. */
    static final class FeatureInputs implements LabelledBatches {
        private final NpyFile table;
        private final BinaryLabels labels;
        private final RowList rows;
        private final int batchSize;
        private final @Nullable Long orderSeed;
        private int[] order = {};
        private int orderEpoch = -1;

        private FeatureInputs(
                NpyFile table, BinaryLabels labels, RowList rows, int batchSize, @Nullable Long orderSeed) {
            this.table = table;
            this.labels = labels;
            this.rows = rows;
            this.batchSize = batchSize;
            this.orderSeed = orderSeed;
        }

        /** Rows in the order of {@code Stream(hash64(seed, "order", epoch)).permutation(n)}, as {@code ImageBatches} has it. */
        static FeatureInputs shuffled(NpyFile table, BinaryLabels labels, RowList rows, int batchSize, long seed) {
            return new FeatureInputs(table, labels, rows, batchSize, seed);
        }

        static FeatureInputs inOrder(NpyFile table, BinaryLabels labels, RowList rows, int batchSize) {
            return new FeatureInputs(table, labels, rows, batchSize, null);
        }

        @Override
        public long batchesPerEpoch() {
            return (rows.size() + batchSize - 1L) / batchSize;
        }

        @Override
        public LabelledBatch batch(int epoch, long index) {
            int from = Math.toIntExact(index * batchSize);
            int to = Math.min(rows.size(), from + batchSize);
            int[] own = orderSeed == null
                    ? rows.between(from, to).toArray()
                    : rows.pick(Arrays.copyOfRange(order(epoch, orderSeed), from, to))
                            .toArray();
            byte[] bytes = new byte[own.length * table.rowBytes()];
            for (int i = 0; i < own.length; i++) {
                table.read(own[i], bytes, i * table.rowBytes());
            }
            FloatBuffer features =
                    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
            List<Long> shape = List.of((long) own.length, (long) table.rowBytes() / Float.BYTES);
            return LabelledBatch.of(features, shape, own, labels);
        }

        private int[] order(int epoch, long seed) {
            if (epoch != orderEpoch) {
                order = Seeds.stream(seed, "order", epoch).permutation(rows.size());
                orderEpoch = epoch;
            }
            return order;
        }

        @Override
        public void close() {
            // The table is mapped; nothing is held.
        }
    }
}
