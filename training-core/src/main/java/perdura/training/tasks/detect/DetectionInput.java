package perdura.training.tasks.detect;

import java.util.Objects;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetSplits;
import perdura.datasets.split.Split;
import perdura.datasets.split.chexpert.ChexpertLabels;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SplitSpec;
import perdura.training.nn.ImageEncoder;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskInput;
import perdura.training.tasks.TaskLabels;
import perdura.training.tasks.dense.DenseTrial;
import perdura.training.tasks.dense.DenseTrial.Learning;
import perdura.training.tasks.detect.DetectorSpec.AnchorSpec;
import perdura.training.tasks.detect.DetectorSpec.HeadSpec;
import perdura.training.tasks.detect.DetectorSpec.Proposals;
import perdura.training.tasks.detect.DetectorSpec.RpnSpec;

/** A trial of {@link DetectionTask}: what its parameters mean. */
record DetectionInput(TaskInput input) {
    private static final String BOXES = "boxes";

    /** With the background. */
    private static final int CLASSES = 2;

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

    /**
     * What the headers tell.
     *
     * @throws PerduraException as {@link Task#check}
     */
    void check() {
        BoxTruths.of(data());
        trial().check(BOXES);
    }

    /**
     * The parts, of images with boxes alone; the fraction of the training part is drawn by the trial's seed.
     *
     * @throws PerduraException INVALID_DATA if there are too few of them
     */
    Split split() {
        DataSetSplits splits = new DataSetSplits(data());
        Split whole = trial().split(splits, BoxTruths.of(data()).positives(), BOXES);
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
