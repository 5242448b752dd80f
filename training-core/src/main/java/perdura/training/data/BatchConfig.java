package perdura.training.data;

import perdura.grids.spec.AugmentSpec;
import perdura.grids.spec.PretrainSpec;

/**
 * What decides the batches, and what they may cost.
 *
 * @param seed the run seed
 * @param batchSize studies of a batch
 * @param imageSize side S of the images, pixels
 * @param maxTextLength most positions of a report, at least 3
 * @param threads workers that prepare batches ahead, at least 1; the batches don't depend on it
 * @param cacheBytes memory for resized images; the batches don't depend on it
 */
public record BatchConfig(
        long seed, int batchSize, int imageSize, int maxTextLength, AugmentSpec augment, int threads, long cacheBytes) {
    public BatchConfig {
        if (batchSize < 1 || imageSize < 1 || maxTextLength < 3 || threads < 1 || cacheBytes < 0) {
            throw new IllegalArgumentException(
                    "batches need batchSize >= 1, imageSize >= 1, maxTextLength >= 3, threads >= 1, cacheBytes >= 0, was "
                            + batchSize + ", " + imageSize + ", " + maxTextLength + ", " + threads + ", " + cacheBytes);
        }
    }

    /** The batches of a pre-training. */
    public static BatchConfig of(PretrainSpec spec, int threads, long cacheBytes) {
        return new BatchConfig(
                spec.seed(),
                spec.batchSize(),
                spec.model().imageSize(),
                spec.model().textLength(),
                spec.augment(),
                threads,
                cacheBytes);
    }
}
