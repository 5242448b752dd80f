package perdura.training.methods.prior;

import java.nio.LongBuffer;
import java.util.List;
import perdura.datasets.data.PairBatch;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/** Batches as the forward pass takes them. */
final class BatchTensors {
    private BatchTensors() {}

    /** images [B, 1, S, S], ids, attention mask and sentence map [B, L]. */
    static List<Tensor> of(StepScope scope, PairBatch batch, long side) {
        return List.of(
                scope.floats(batch.images(), batch.size(), 1, side, side),
                scope.longs(batch.ids(), batch.size(), batch.textLength()),
                scope.longs(batch.attentionMask(), batch.size(), batch.textLength()),
                scope.longs(batch.sentenceMap(), batch.size(), batch.textLength()));
    }

    /** Sentences of the longest report. */
    static int longestReport(PairBatch batch) {
        LongBuffer map = batch.sentenceMap();
        long most = 0;
        for (int i = map.position(); i < map.limit(); i++) {
            most = Math.max(most, map.get(i));
        }
        return Math.toIntExact(most);
    }
}
