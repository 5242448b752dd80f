package perdura.training.tasks.classify;

import java.nio.FloatBuffer;
import perdura.datasets.split.BinaryLabels;

/** Batches by epoch and index, each a function of its place alone. For one calling thread. */
interface LabelledBatches extends AutoCloseable {
    /** Batches of an epoch; the last one may be smaller. */
    long batchesPerEpoch();

    /** Sizes of the inputs of {@code size} samples, outermost first. */
    long[] shape(int size);

    /**
     * A batch.
     *
     * @param epoch from 0
     * @param index from 0, below {@link #batchesPerEpoch}
     */
    LabelledBatch batch(int epoch, long index);

    @Override
    void close();

    /**
     * Inputs of a classifier with their truth.
     *
     * @param size samples B
     * @param inputs [B, ...], float32: images or features
     * @param targets [B, labels], float32, 0 or 1
     */
    record LabelledBatch(int size, FloatBuffer inputs, FloatBuffer targets) {
        /** @param rows of the samples in the table of labels */
        static LabelledBatch of(FloatBuffer inputs, int[] rows, BinaryLabels labels) {
            int count = labels.names().size();
            FloatBuffer targets = FloatBuffer.allocate(rows.length * count);
            for (int row : rows) {
                for (int label = 0; label < count; label++) {
                    targets.put(labels.value(row, label));
                }
            }
            return new LabelledBatch(rows.length, inputs, targets.flip());
        }
    }
}
