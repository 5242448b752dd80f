package perdura.training.tasks.classify;

import java.util.List;
import perdura.datasets.data.ImageBatch;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.data.ImageBatches;
import perdura.datasets.split.RowList;
import perdura.training.tasks.TaskData;
import perdura.training.tasks.classify.LabelledBatches.LabelledBatch;

/** Images as inputs: [B, channels, S, S]. */
final class LabelledImages implements LabelledBatches {
    private final TaskData data;
    private final ImageBatches images;
    private final int channels;
    private final int side;

    LabelledImages(TaskData data, RowList rows, ImageBatchConfig config) {
        this.data = data;
        this.images = new ImageBatches(data.data(), rows.toArray(), config);
        this.channels = config.scale().planes();
        this.side = data.data().header().imageSize();
    }

    @Override
    public long batchesPerEpoch() {
        return images.batchesPerEpoch();
    }

    @Override
    public LabelledBatch batch(int epoch, long index) {
        ImageBatch batch = images.batch(epoch, index);
        int[] rows = new int[batch.size()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Math.toIntExact(batch.rows().get(i));
        }
        List<Long> shape = List.of((long) batch.size(), (long) channels, (long) side, (long) side);
        return LabelledBatch.of(batch.images(), shape, rows, data.labels());
    }

    @Override
    public void close() {
        images.close();
    }
}
