package perdura.training.methods.sense;

import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import perdura.datasets.data.SenseBatch;
import perdura.datasets.data.StudyTexts;
import perdura.training.methods.sense.model.ReportTensors;
import perdura.training.methods.sense.model.Sense;
import perdura.training.methods.sense.model.SenseStep;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/** Studies as SENSE's networks take them. */
final class StudyTensors {
    /** Sentences that are encoded at a time: what BERT's attention takes for more of them is too much. */
    private static final int MOST_ROWS = 512;

    private StudyTensors() {}

    /** Both views of a batch, chunk by chunk. */
    static List<SenseStep.Chunk> chunks(StepScope scope, SenseBatch batch, int side) {
        List<SenseStep.Chunk> chunks = new ArrayList<>();
        int begin = 0;
        for (int i = 0; i < batch.texts().size(); i++) {
            int size = batch.texts().get(i).reports();
            chunks.add(new SenseStep.Chunk(
                    new SenseStep.View(
                            images(scope, batch.images(), begin, size, side),
                            texts(scope, batch.texts().get(i))),
                    new SenseStep.View(
                            images(scope, batch.momentumImages(), begin, size, side),
                            texts(scope, batch.momentumTexts().get(i)))));
            begin += size;
        }
        return chunks;
    }

    /** Some of the images of a buffer [any, 3, side, side]. */
    static Tensor images(StepScope scope, FloatBuffer images, int begin, int count, int side) {
        int pixels = Sense.PLANES * side * side;
        return scope.floats(images.slice(begin * pixels, count * pixels), count, Sense.PLANES, side, side);
    }

    static ReportTensors texts(StepScope scope, StudyTexts texts) {
        List<Tensor> ids = new ArrayList<>();
        List<Tensor> masks = new ArrayList<>();
        for (StudyTexts.Bucket bucket : texts.buckets()) {
            for (int from = 0; from < bucket.rows(); from += MOST_ROWS) {
                int rows = Math.min(MOST_ROWS, bucket.rows() - from);
                ids.add(rows(scope, bucket.ids(), from, rows, bucket.length()));
                masks.add(rows(scope, bucket.attentionMask(), from, rows, bucket.length()));
            }
        }
        return new ReportTensors(ids, masks, scope.longs(texts.places(), texts.reports(), texts.most()));
    }

    private static Tensor rows(StepScope scope, LongBuffer table, int from, int rows, int length) {
        return scope.longs(table.slice(from * length, rows * length), rows, length);
    }
}
