package perdura.training.tasks.classify;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.DataSetSplits;
import perdura.datasets.data.Normalization;
import perdura.datasets.split.BinaryLabels;
import perdura.datasets.split.Split;
import perdura.datasets.split.chexpert.ChexpertLabels;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SourceSet;
import perdura.grids.spec.SplitSpec;
import perdura.training.nn.ImageEncoder;
import perdura.training.tasks.ClassifierSchema;
import perdura.training.tasks.EncoderSizes;
import perdura.training.tasks.PretrainedEncoder;
import perdura.training.tasks.SplitChoice;
import perdura.training.tasks.Task;
import perdura.training.tasks.TaskData;
import perdura.training.tasks.TaskInput;
import perdura.training.tasks.TaskLabels;

/**
 * A trial of a task that trains a classifier: reads the parameters of {@link ClassifierSchema} by a paper's rules.
 *
 * @param rules of the paper
 */
record ClassifierInput(TaskInput input, Rules rules) {
    /**
     * What differs between the papers.
     *
     * @param splits what {@code split: standard} means, by set
     * @param fraction how a share of the training part is drawn
     * @param scale the normalisation of a random encoder, of as many planes as it takes
     */
    record Rules(Map<SourceSet, SplitChoice> splits, SplitSpec.FractionRule fraction, Normalization scale) {}

    DataSet dataSet() {
        return input.dataSet(ClassifierSchema.DATASET);
    }

    long seed() {
        return input.trial().seed();
    }

    /**
     * What the headers tell; the labels and the split tell the rest when {@link #data} makes them.
     *
     * @throws PerduraException as {@link Task#check}
     */
    void check() {
        if (dataSet().header().labels().isEmpty()) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "dataset: " + name() + " has no labels to classify by; take one of chexpert, rsna or siim");
        }
        encoder();
    }

    /** How messages call the data set. */
    String name() {
        return "data set " + dataSet().header().digest() + " ("
                + dataSet().header().set().word() + ")";
    }

    private SplitSpec splitSpec() {
        return SplitChoice.ofWord(input.word(ClassifierSchema.SPLIT))
                .spec(dataSet(), rules.splits, input.whole(ClassifierSchema.SPLIT_SEED));
    }

    /** The encoder's sizes; as {@link EncoderSizes#of}. */
    ImageEncoder encoder() {
        return EncoderSizes.of(input, rules.scale.planes());
    }

    private Optional<PretrainedEncoder> given() {
        return input.encoder(ClassifierSchema.ENCODER);
    }

    /** The normalisation of the encoder's pre-training. */
    Normalization scale() {
        return given().map(PretrainedEncoder::scale).orElse(rules.scale);
    }

    /**
     * Labels and split; the fraction of the training part is drawn by the trial's seed.
     *
     * @throws PerduraException INVALID_DATA if a label is neither 0 nor 1 or a part of the split stays empty
     */
    TaskData data() {
        ChexpertLabels findings = ChexpertLabels.valueOf(
                input.word(ClassifierSchema.CHEXPERT_LABELS).toUpperCase(Locale.ROOT));
        BinaryLabels labels = TaskLabels.of(dataSet(), findings);
        DataSetSplits splits = new DataSetSplits(dataSet());
        Split whole = splits.make(splitSpec(), splits.samples().rows());
        double fraction = input.real(ClassifierSchema.FRACTION);
        return new TaskData(
                dataSet(),
                labels,
                fraction == 1 ? whole : splits.fraction(whole, fraction, rules.fraction, labels, seed()));
    }
}
