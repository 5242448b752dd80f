package perdura.datasets.data;

/**
 * What decides the batches of a downstream task, and what they may cost.
 *
 * @param seed the run seed
 * @param batchSize images of a batch; an epoch's last batch has what is left
 * @param scale what the encoder was pre-trained on
 * @param threads workers that make batches ahead, at least 1; the batches don't depend on it
 */
public record ImageBatchConfig(long seed, int batchSize, View view, Normalization scale, int threads) {
    /** What is done to an ingested image, and in which order images come. */
    public enum View {
        /** Shuffled; the image as it was ingested, or the centre of one that was ingested for crops. */
        TRAIN_PLAIN,
        /** Shuffled; a random crop of the model's size, mirrored half of the time (sense.md 4.2). */
        TRAIN_CROP,
        /** Shuffled; image and mask turned and scaled alike, half of the time (sense.md 4.4). */
        TRAIN_AFFINE,
        /** In the order of the rows; the image as it was ingested, or its centre. */
        EVALUATE,
        /** In the order of the rows; all of the image, resized once, by the ingest (sense.md 1.4). */
        WHOLE
    }

    public ImageBatchConfig {
        if (batchSize < 1 || threads < 1) {
            throw new IllegalArgumentException(
                    "batches need batchSize >= 1 and threads >= 1, were " + batchSize + " and " + threads);
        }
    }
}
