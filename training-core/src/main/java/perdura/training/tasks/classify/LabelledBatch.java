package perdura.training.tasks.classify;

import java.nio.FloatBuffer;
import perdura.datasets.split.BinaryLabels;

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
