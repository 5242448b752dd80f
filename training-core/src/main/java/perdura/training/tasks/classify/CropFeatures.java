package perdura.training.tasks.classify;

import java.nio.FloatBuffer;
import perdura.training.tasks.classify.LabelledBatches.LabelledBatch;

/**
 * Features of images that are another crop in every epoch (sense.md 4.2): [B, features].
 *
 * @param images taken over
 * @param encoder stays the caller's
 */
record CropFeatures(LabelledImages images, FrozenEncoder encoder) implements LabelledBatches {
    @Override
    public long batchesPerEpoch() {
        return images.batchesPerEpoch();
    }

    @Override
    public long[] shape(int size) {
        return new long[] {size, encoder.features()};
    }

    @Override
    public LabelledBatch batch(int epoch, long index) {
        LabelledBatch batch = images.batch(epoch, index);
        FloatBuffer features = encoder.features(batch.inputs(), images.shape(batch.size()));
        return new LabelledBatch(batch.size(), features, batch.targets());
    }

    @Override
    public void close() {
        images.close();
    }
}
