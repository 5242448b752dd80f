package perdura.datasets.data;

import perdura.grids.spec.AugmentSpec;
import perdura.grids.spec.Overlong;

/**
 * What decides the batches of images and reports, and what they may cost.
 *
 * @param seed the run seed
 * @param batchSize studies of a batch
 * @param maxTextLength most positions of a report, at least 3
 * @param overlong how a report of more positions is cut
 * @param threads workers that make batches ahead, at least 1; the batches don't depend on it
 */
public record PairBatchConfig(
        long seed, int batchSize, int maxTextLength, Overlong overlong, AugmentSpec augment, int threads) {
    public PairBatchConfig {
        if (batchSize < 1 || maxTextLength < 3 || threads < 1) {
            throw new IllegalArgumentException("batches need batchSize >= 1, maxTextLength >= 3, threads >= 1, was "
                    + batchSize + ", " + maxTextLength + ", " + threads);
        }
    }

    /** With overlong reports that keep their [SEP]. */
    public PairBatchConfig(long seed, int batchSize, int maxTextLength, AugmentSpec augment, int threads) {
        this(seed, batchSize, maxTextLength, Overlong.KEEP_SEP, augment, threads);
    }
}
