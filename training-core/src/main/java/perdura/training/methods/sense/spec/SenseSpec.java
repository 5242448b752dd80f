package perdura.training.methods.sense.spec;

import java.util.List;
import perdura.grids.spec.FieldFault;
import perdura.grids.spec.MethodSpec;
import perdura.grids.spec.PretrainSpec;

/**
 * What a pre-training by SENSE says of the method. Its one stage is the {@link Plan}.
 *
 * @param momentum m, the coefficient of the moving average of weights, in [0, 1)
 * @param queueLength L of each queue, at least the batch size
 */
public record SenseSpec(
        ModelSpec model,
        double momentum,
        int queueLength,
        ClusterSpec clusters,
        LossSpec losses,
        LossWeights lossWeights,
        Augment augment,
        Plan plan)
        implements MethodSpec {
    /** How specs write the method. */
    public static final String NAME = "sense";

    /**
     * Weights of Eq. 8, each at least 0 and one of them positive; a loss of weight 0 is not computed.
     *
     * @param cmc lambda, of S-CMC
     * @param mmc beta, of S-MMC; without it there are no clusters
     * @param umc gamma, of S-UMC
     */
    public record LossWeights(double cmc, double mmc, double umc) {}

    /**
     * How the two views of a study differ (sense.md 1.4, 1.5).
     *
     * @param crop random resized crops; else the whole image
     * @param hflip half of the images are mirrored
     * @param sentenceSubset random subsets of the sentences; else all
     */
    public record Augment(boolean crop, boolean hflip, boolean sentenceSubset) {}

    /**
     * Epochs and learning rate (sense.md 3c).
     *
     * @param epochs passes over the data, at least 1
     * @param warmupEpochs epochs of linear warm-up, at most all
     * @param learningRate after the warm-up
     */
    public record Plan(int epochs, int warmupEpochs, double learningRate) implements MethodSpec.Stage {
        @Override
        public int stage() {
            return 1;
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Plan> stages() {
        return List.of(plan);
    }

    @Override
    public void checkBatch(int batchSize) {
        if (queueLength < batchSize) {
            throw new FieldFault(
                    "queueLength",
                    "batchSize",
                    "must be >= batchSize = " + batchSize + ", was " + queueLength
                            + ": a queue holds the keys of at least one batch");
        }
    }

    /** Whether an epoch has clusters. */
    public boolean isClustered(int epoch) {
        return lossWeights.mmc > 0 && epoch >= clusters.fromEpoch();
    }

    /**
     * SENSE's part of a spec.
     *
     * @throws IllegalArgumentException if it is of another method
     */
    public static SenseSpec of(PretrainSpec spec) {
        if (spec.method() instanceof SenseSpec own) {
            return own;
        }
        throw new IllegalArgumentException(
                "expected a pre-training by " + NAME + ", was " + spec.method().name());
    }
}
