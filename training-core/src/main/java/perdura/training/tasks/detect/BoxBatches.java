package perdura.training.tasks.detect;

import java.util.ArrayList;
import java.util.List;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.ImageBatch;
import perdura.datasets.data.ImageBatchConfig;
import perdura.datasets.data.ImageBatches;
import perdura.datasets.split.RowList;
import perdura.training.tasks.fit.FitBatches;

/** Batches of images with their boxes. */
final class BoxBatches implements FitBatches<BoxBatch> {
    private final DataSet data;
    private final BoxTruths truths;
    private final ImageBatches images;

    BoxBatches(DataSet data, BoxTruths truths, RowList rows, ImageBatchConfig config) {
        this.data = data;
        this.truths = truths;
        this.images = new ImageBatches(data, rows.toArray(), config);
    }

    @Override
    public long batchesPerEpoch() {
        return images.batchesPerEpoch();
    }

    @Override
    public BoxBatch batch(int epoch, long index) {
        ImageBatch batch = images.batch(epoch, index);
        List<Integer> rows = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        List<Truth> found = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            int row = Math.toIntExact(batch.rows().get(i));
            rows.add(row);
            ids.add(data.sampleId(row));
            found.add(truths.of(row));
        }
        return new BoxBatch(epoch * batchesPerEpoch() + index, batch.images(), rows, ids, found);
    }

    @Override
    public void close() {
        images.close();
    }
}
