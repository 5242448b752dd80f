package perdura.training.tasks.detect;

import java.util.List;
import java.util.Objects;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetSplits;
import perdura.datasets.split.FoldSplit;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.datasets.split.chexpert.ChexpertLabels;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SplitSpec;
import perdura.training.nn.ImageEncoder;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.EncoderSizes;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskInput;
import perdura.training.tasks.TaskLabels;
import perdura.training.tasks.detect.DetectorSpec.AnchorSpec;
import perdura.training.tasks.detect.DetectorSpec.HeadSpec;
import perdura.training.tasks.detect.DetectorSpec.Proposals;
import perdura.training.tasks.detect.DetectorSpec.RpnSpec;

/** A trial of {@link DetectionTask}: what its parameters mean. */
record DetectionInput(TaskInput input) {
    static final List<String> SPLITS = List.of("standard", "folds", "ratio-622", "held-out");

    /** With the background. */
    private static final int CLASSES = 2;

    DataSet data() {
        return input.dataSet(ClassifierSchema.DATASET);
    }

    private String name() {
        return "data set " + data().header().digest() + " ("
                + data().header().set().word() + ")";
    }

    /**
     * What the headers tell.
     *
     * @throws PerduraException as {@link Task#check}
     */
    void check() {
        BoxTruths.of(data());
        encoder();
        int wanted = input.count(DetectionTask.IMAGE_SIZE);
        int ingested = data().header().imageSize();
        if (wanted != ingested) {
            throw invalid(
                    DetectionTask.IMAGE_SIZE + " is " + wanted + ", but " + name() + " was ingested with " + ingested
                            + "; ingest it with --image-size " + wanted + ", or set " + DetectionTask.IMAGE_SIZE + ": "
                            + ingested);
        }
        if (wanted % DetectorSpec.COARSEST_STRIDE != 0) {
            throw invalid(DetectionTask.IMAGE_SIZE + " is " + wanted
                    + ", but the encoder's last map has a cell for " + DetectorSpec.COARSEST_STRIDE
                    + " pixels; ingest " + name() + " with a multiple of that");
        }
        List<Long> stored = data().images().shape();
        if (stored.get(1) != ingested) {
            throw invalid("dataset: the images of " + name() + " have a margin for crops (" + stored.get(1)
                    + " pixels of " + ingested + "), which their boxes don't count; ingest it with --profile prior");
        }
        if (input.count(DetectionTask.FOLD) != 0 && method() != SplitSpec.Method.FOLDS) {
            throw invalid(DetectionTask.FOLD + " is " + input.count(DetectionTask.FOLD) + ", but split: "
                    + input.word(ClassifierSchema.SPLIT) + " has no folds; leave " + DetectionTask.FOLD
                    + " out, or take split: folds");
        }
    }

    private static PerduraException invalid(String message) {
        return new PerduraException(ErrorCode.INVALID_SPEC, message);
    }

    /** A random encoder reads grey images, as PRIOR's does. */
    ImageEncoder encoder() {
        return EncoderSizes.of(input, 1);
    }

    private SplitSpec.Method method() {
        return switch (input.word(ClassifierSchema.SPLIT)) {
            case "ratio-622" -> SplitSpec.Method.RATIO_622;
            case "held-out" -> SplitSpec.Method.HELD_OUT;
            default -> SplitSpec.Method.FOLDS;
        };
    }

    /**
     * The parts, of images with boxes alone; the fraction of the training part is drawn by the trial's seed.
     *
     * @throws PerduraException INVALID_DATA if there are too few of them
     */
    Split split() {
        RowList positives = BoxTruths.of(data()).positives();
        if (positives.size() < FoldSplit.FOLDS) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    "dataset: " + positives.size() + " images of " + name() + " have boxes; training, validation and"
                            + " test need at least " + FoldSplit.FOLDS);
        }
        DataSetSplits splits = new DataSetSplits(data());
        SplitSpec spec = new SplitSpec(
                method(),
                input.whole(ClassifierSchema.SPLIT_SEED),
                input.count(DetectionTask.FOLD),
                false,
                1,
                SplitSpec.FractionRule.PLAIN);
        Split whole = splits.make(spec, positives);
        double fraction = input.real(ClassifierSchema.FRACTION);
        return fraction == 1
                ? whole
                : splits.fraction(
                        whole,
                        fraction,
                        SplitSpec.FractionRule.STRATIFIED,
                        TaskLabels.of(data(), ChexpertLabels.FIVE),
                        input.trial().seed());
    }

    DetectorSpec spec() {
        int side = data().header().imageSize();
        return new DetectorSpec(
                side,
                side,
                CLASSES,
                input.count(DetectionTask.FPN),
                input.count(DetectionTask.HIDDEN),
                new AnchorSpec(Objects.requireNonNull(input.countsOrNull(DetectionTask.ANCHORS)), AnchorSpec.RATIOS),
                new RpnSpec(
                        input.count(DetectionTask.RPN_SAMPLES),
                        proposals(DetectionTask.PROPOSALS_TRAIN, DetectionTask.KEPT_TRAIN),
                        proposals(DetectionTask.PROPOSALS_TEST, DetectionTask.KEPT_TEST)),
                new HeadSpec(input.count(DetectionTask.CANONICAL), input.count(DetectionTask.HEAD_SAMPLES)));
    }

    private Proposals proposals(String perLevel, String kept) {
        return new Proposals(input.count(perLevel), input.count(kept));
    }
}
