package perdura.training.methods.prior;

import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import perdura.datasets.data.PairBatch;

/**
 * Batches that a training is measured on and never learns from.
 *
 * @param count number of batches
 * @param batches the batch of an index; always the same
 * @param whyNone what to tell where there should be some and are none
 */
record HeldOutPairs(
        int count, IntFunction<PairBatch> batches, @Nullable String whyNone) {
    /** Nothing is measured, and nothing is told of it. */
    static final HeldOutPairs NONE = new HeldOutPairs(
            0,
            index -> {
                throw new IllegalArgumentException("there is no batch " + index);
            },
            null);
}
