package perdura.training.tasks.classify;

import java.nio.FloatBuffer;
import java.util.List;
import perdura.datasets.split.BinaryLabels;
import perdura.training.tasks.classify.LabelledBatches.LabelledBatch;
import perdura.training.tasks.fit.FitBatches;

/** Inputs of a classifier with their truth, by batches. */
interface LabelledBatches extends FitBatches<LabelledBatch> {
    /**
     * A batch.
     *
     * @param size samples B
     * @param inputs [B, ...], float32: images or features
     * @param shape of the inputs
     * @param targets [B, labels], float32, 0 or 1
     */
    record LabelledBatch(int size, FloatBuffer inputs, List<Long> shape, FloatBuffer targets) {
        long[] sizes() {
            return shape.stream().mapToLong(Long::longValue).toArray();
        }

        /** @param rows of the samples in the table of labels */
        static LabelledBatch of(FloatBuffer inputs, List<Long> shape, int[] rows, BinaryLabels labels) {
            int count = labels.names().size();
            FloatBuffer targets = FloatBuffer.allocate(rows.length * count);
            for (int row : rows) {
                for (int label = 0; label < count; label++) {
                    targets.put(labels.value(row, label));
                }
            }
            return new LabelledBatch(rows.length, inputs, shape, targets.flip());
        }
    }
}
