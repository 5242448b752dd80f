package perdura.training.tasks.segment;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetSplits;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.data.Normalization;
import perdura.datasets.split.BinaryLabels;
import perdura.datasets.split.RowList;
import perdura.datasets.split.SiimNegatives;
import perdura.datasets.split.Split;
import perdura.datasets.split.chexpert.ChexpertLabels;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SplitSpec;
import perdura.training.nn.ImageEncoder;
import perdura.training.nn.MaskLoss;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.PixelStatistics;
import perdura.training.tasks.PretrainedEncoder;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskInput;
import perdura.training.tasks.TaskLabels;
import perdura.training.tasks.dense.DenseTrial;
import perdura.training.tasks.dense.DenseTrial.Learning;
import perdura.training.tasks.segment.Segmentation.Schedule;

/** A trial of {@link SegmentationTask}: what its parameters mean. */
record SegmentationInput(TaskInput input) {
    private static final String MASKS = "masks";

    private DenseTrial trial() {
        return new DenseTrial(input);
    }

    DataSet data() {
        return trial().data();
    }

    ImageEncoder encoder() {
        return trial().encoder();
    }

    Learning learning() {
        return trial().learning();
    }

    int side() {
        return data().header().imageSize();
    }

    /**
     * What the headers tell.
     *
     * @throws PerduraException as {@link Task#check}
     */
    void check() {
        if (!data().hasArray(MASKS)) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "dataset: " + trial().name() + " has no masks to be learned; take one of siim");
        }
        trial().check(MASKS);
        List<Long> masks = data().array(MASKS).shape();
        List<Long> images = data().images().shape();
        if (!masks.equals(images)) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    "dataset: the masks of " + trial().name() + " are " + masks
                            + " (images, rows, columns), its images " + images
                            + "; each image needs a mask of its size, ingest the set again");
        }
    }

    /**
     * The parts. Of {@code balanced} the training part alone has fewer negatives, chosen by the trial's seed as the fraction is, which is
     * drawn afterwards.
     *
     * @throws PerduraException INVALID_DATA if an image takes part twice, too few take part, or no image with a mask trains or validates
     */
    Split split() {
        DataSetSplits splits = new DataSetSplits(data());
        BinaryLabels labels = TaskLabels.of(data(), ChexpertLabels.FIVE);
        String images = input.word(SegmentationTask.IMAGES);
        boolean positivesAlone = images.equals("positives");
        RowList all = splits.samples().rows();
        RowList rows = positivesAlone ? all.filter(row -> isPositive(labels, row)) : all;
        Split split = trial().split(splits, rows, positivesAlone ? "a mask" : "masks");
        if (images.equals("balanced")) {
            split = balanced(splits, split, labels);
        }
        double fraction = input.real(ClassifierSchema.FRACTION);
        if (fraction < 1) {
            SplitSpec.FractionRule rule =
                    positivesAlone ? SplitSpec.FractionRule.STRATIFIED : SplitSpec.FractionRule.PLAIN;
            split = splits.fraction(split, fraction, rule, labels, input.trial().seed());
        }
        requirePositive(split, Split.TRAIN, labels, "there is nothing to learn");
        requirePositive(split, Split.VALIDATION, labels, "no epoch can be chosen by its masks");
        return split;
    }

    private static boolean isPositive(BinaryLabels labels, int row) {
        return labels.value(row, 0) == 1;
    }

    private Split balanced(DataSetSplits splits, Split whole, BinaryLabels labels) {
        RowList train = whole.rows(Split.TRAIN);
        RowList positives = train.filter(row -> isPositive(labels, row));
        RowList negatives = SiimNegatives.choose(
                splits.samples(),
                train.filter(row -> !isPositive(labels, row)),
                positives.size(),
                input.trial().seed());
        int[] chosen = new int[positives.size() + negatives.size()];
        System.arraycopy(positives.toArray(), 0, chosen, 0, positives.size());
        System.arraycopy(negatives.toArray(), 0, chosen, positives.size(), negatives.size());
        return whole.withTrain(
                whole.name() + " balanced",
                Map.of("negativesSeed", input.trial().seed()),
                splits.samples(),
                RowList.of(chosen));
    }

    private void requirePositive(Split split, String part, BinaryLabels labels, String consequence) {
        RowList rows = split.rows(part);
        if (rows.stream().noneMatch(row -> isPositive(labels, row))) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    "split '" + split.name() + "' of " + trial().name() + ": none of the " + rows.size()
                            + " images of part " + part + " has a mask, so " + consequence
                            + "; take another splitSeed or a greater fraction");
        }
    }

    /** @param train rows of the training part */
    Normalization normalization(RowList train) {
        int planes = encoder().channels();
        if (input.word(SegmentationTask.NORMALIZATION).equals("training-part")) {
            return PixelStatistics.of(data(), train).scale(planes);
        }
        return input.encoder(ClassifierSchema.ENCODER)
                .map(PretrainedEncoder::scale)
                .orElse(Normalization.GREY);
    }

    MaskLoss loss() {
        return MaskLoss.valueOf(constant(SegmentationTask.LOSS));
    }

    Schedule schedule() {
        return Schedule.valueOf(constant(SegmentationTask.SCHEDULE));
    }

    private String constant(String path) {
        return input.word(path).toUpperCase(Locale.ROOT).replace('-', '_');
    }

    ImageBatchConfig.View view() {
        return input.word(SegmentationTask.AUGMENTATION).equals("affine")
                ? ImageBatchConfig.View.TRAIN_AFFINE
                : ImageBatchConfig.View.TRAIN_PLAIN;
    }
}
