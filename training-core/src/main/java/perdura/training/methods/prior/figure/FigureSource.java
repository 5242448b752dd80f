package perdura.training.methods.prior.figure;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import perdura.datasets.data.DataSet;
import perdura.datasets.data.ImageBatch;
import perdura.datasets.data.ImageBatches;
import perdura.datasets.data.SplitRows;
import perdura.datasets.seeds.Seeds;
import perdura.datasets.text.EncodedReport;
import perdura.training.methods.prior.model.TrainedPrior;
import perdura.training.methods.prior.spec.StageSpec;
import perdura.training.torch.Torch;

/**
 * What a picture is drawn from: a trained stage and some samples.
 *
 * @param torch stays the caller's
 * @param model of that stage
 * @param data the run's data set; images and reports are of its held-out parts, or of all if it has none
 * @param seed decides which samples are shown
 */
public record FigureSource(Torch torch, TrainedPrior model, StageSpec stage, DataSet data, long seed) {
    /** Rows of the data set that may be shown, in an order that the seed decides for a purpose. */
    int[] rows(String purpose) {
        int[] heldOut = SplitRows.heldOut(data);
        int[] rows = heldOut.length > 0
                ? heldOut
                : IntStream.range(0, Math.toIntExact(data.size())).toArray();
        int[] order = Seeds.stream("figure", purpose, seed).permutation(rows.length);
        return Arrays.stream(order).map(i -> rows[i]).toArray();
    }

    /** The z-scored images of rows [N, 1, S, S], the first of each sample. */
    FloatBuffer images(int[] rows) {
        try (ImageBatches batches = TrainedPrior.batches(data, rows, rows.length, 1)) {
            ImageBatch batch = batches.batch(0, 0);
            return batch.images();
        }
    }

    List<EncodedReport> reports(int[] rows) {
        return model.reports(data, rows);
    }

    int imageSide() {
        return model.model().imageSize();
    }
}
