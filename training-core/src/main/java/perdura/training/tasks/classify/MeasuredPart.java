package perdura.training.tasks.classify;

import perdura.datasets.split.BinaryLabels;
import perdura.datasets.split.RowList;
import perdura.training.tasks.classify.LabelledBatches.LabelledBatch;

/**
 * A part of a split that is measured, in the order of its rows.
 *
 * @param name of the part
 * @param batches of these rows, in this order, whatever the epoch
 * @param alive called for each batch
 */
record MeasuredPart(String name, LabelledBatches batches, RowList rows, BinaryLabels labels, Runnable alive) {
    /** The answers of a classifier: [labels][rows]. */
    double[][] logits(ClassifierNet net, ClassifierNet.Weights weights) {
        double[][] logits = new double[net.labels()][rows.size()];
        int done = 0;
        for (long index = 0; index < batches.batchesPerEpoch(); index++) {
            LabelledBatch batch = batches.batch(0, index);
            alive.run();
            double[] answers = net.logits(weights, batch.inputs(), batches.shape(batch.size())); // [B, labels]
            for (int i = 0; i < batch.size(); i++) {
                for (int label = 0; label < logits.length; label++) {
                    logits[label][done + i] = answers[i * logits.length + label];
                }
            }
            done += batch.size();
        }
        return logits;
    }

    void close() {
        batches.close();
    }
}
