package perdura.training.tasks.dense;

import java.util.List;
import org.jspecify.annotations.Nullable;
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
import perdura.training.tasks.FineTuning;
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
        int side = FineTuning.imageSize(input, data(), name());
        if (side % STRIDE != 0) {
            throw invalid("imageSize is " + side + ", but the encoder halves its maps five times, to a" + " cell for "
                    + STRIDE + " pixels; ingest " + name() + " with a multiple of that");
        }
        List<Long> stored = data().images().shape();
        if (stored.get(1) != side) {
            throw invalid("dataset: the images of " + name() + " have a margin for crops (" + stored.get(1)
                    + " pixels of " + side + "), which their " + truths
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

    public Learning learning() {
        return new Learning(
                input.trial().seed(),
                input.count(ClassifierSchema.EPOCHS),
                input.count(ClassifierSchema.BATCH_SIZE),
                input.real(ClassifierSchema.LEARNING_RATE),
                FineTuning.optimizer(input),
                input.countOrNull(DenseSchema.PATIENCE));
    }

    /**
     * How a net is trained.
     *
     * @param seed of the run: first values of what isn't pre-trained, and all that is drawn
     * @param batchSize images of an optimiser step; an epoch's last step has what is left
     * @param rate of the first step
     * @param patience epochs without a better one after which the run ends; null: none
     */
    public record Learning(
            long seed,
            int epochs,
            int batchSize,
            double rate,
            OptimizerSpec optimizer,
            @Nullable Integer patience) {
        public Learning {
            if (epochs < 1 || batchSize < 1) {
                throw new IllegalArgumentException(
                        "learning needs epochs >= 1 and batchSize >= 1, was " + epochs + " and " + batchSize);
            }
        }
    }
}
