package perdura.training.tasks.dense;

import java.util.List;
import java.util.Locale;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetSplits;
import perdura.datasets.split.FoldSplit;
import perdura.datasets.split.RowList;
import perdura.datasets.split.Split;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.OptimizerSpec;
import perdura.grids.spec.PerduraException;
import perdura.training.nn.ImageEncoder;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.EncoderSizes;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskInput;

/** A trial of a task on masks or boxes: what the parameters of {@link DenseSchema} mean. */
public record DenseTrial(TaskInput input) {
    /** The encoder's last map has a cell for so many pixels. */
    private static final int STRIDE = 32;

    public DataSet data() {
        return input.dataSet(ClassifierSchema.DATASET);
    }

    /** How messages call the data set. */
    public String name() {
        return "data set " + data().header().digest() + " ("
                + data().header().set().word() + ")";
    }

    /**
     * What the headers tell.
     *
     * @param truths what the images have: masks or boxes
     * @throws PerduraException as {@link Task#check}
     */
    public void check(String truths) {
        encoder();
        int wanted = input.count(DenseSchema.IMAGE_SIZE);
        int ingested = data().header().imageSize();
        if (wanted != ingested) {
            throw invalid(DenseSchema.IMAGE_SIZE + " is " + wanted + ", but " + name() + " was ingested with "
                    + ingested + "; ingest it with --image-size " + wanted + ", or set " + DenseSchema.IMAGE_SIZE + ": "
                    + ingested);
        }
        if (wanted % STRIDE != 0) {
            throw invalid(
                    DenseSchema.IMAGE_SIZE + " is " + wanted + ", but the encoder halves its maps five times, to a"
                            + " cell for " + STRIDE + " pixels; ingest " + name() + " with a multiple of that");
        }
        List<Long> stored = data().images().shape();
        if (stored.get(1) != ingested) {
            throw invalid("dataset: the images of " + name() + " have a margin for crops (" + stored.get(1)
                    + " pixels of " + ingested + "), which their " + truths
                    + " don't count; ingest it with --profile prior");
        }
        int fold = input.count(DenseSchema.FOLD);
        if (fold != 0 && !split().hasFolds()) {
            throw invalid(DenseSchema.FOLD + " is " + fold + ", but split: " + split().word() + " has no folds; leave "
                    + DenseSchema.FOLD + " out, or take split: " + DenseSplit.FOLDS.word());
        }
    }

    private static PerduraException invalid(String message) {
        return new PerduraException(ErrorCode.INVALID_SPEC, message);
    }

    /** Of its weights or parameters; a random one reads grey images, as PRIOR's does. */
    public ImageEncoder encoder() {
        return EncoderSizes.of(input, 1);
    }

    private DenseSplit split() {
        return DenseSplit.ofWord(input.word(ClassifierSchema.SPLIT));
    }

    /**
     * The parts, with the whole training part.
     *
     * @param rows that take part
     * @param truths what they have: masks or boxes
     * @throws PerduraException INVALID_DATA if there are too few of them
     */
    public Split split(DataSetSplits splits, RowList rows, String truths) {
        if (rows.size() < FoldSplit.FOLDS) {
            throw new PerduraException(
                    ErrorCode.INVALID_DATA,
                    "dataset: " + rows.size() + " images of " + name() + " have " + truths
                            + "; training, validation and test need at least " + FoldSplit.FOLDS);
        }
        return splits.make(split().spec(input.whole(ClassifierSchema.SPLIT_SEED), input.count(DenseSchema.FOLD)), rows);
    }

    /** Adam's constants are PyTorch's. */
    public OptimizerSpec optimizer() {
        return new OptimizerSpec(
                OptimizerSpec.Algorithm.valueOf(
                        input.word(DenseSchema.ALGORITHM).toUpperCase(Locale.ROOT)),
                0.9,
                0.999,
                1e-8,
                input.real(DenseSchema.WEIGHT_DECAY),
                null);
    }
}
