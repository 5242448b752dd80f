package perdura.datasets.data;

import java.nio.Buffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;

/**
 * The inputs of one optimiser step on images and their reports. All buffers are direct, in native order, from position 0 to the limit, and
 * belong to the receiver.
 *
 * @param size studies B
 * @param textLength positions L of the longest report of the batch
 * @param images [B, 1, S, S], float32, z-scored
 * @param ids [B, L], vocabulary ids, padded with 0
 * @param attentionMask [B, L], 1 for a position that holds a piece, 0 for padding
 * @param sentenceMap [B, L], the sentence of each position from 1; -1 for special pieces and padding
 */
public record PairBatch(
        int size, int textLength, FloatBuffer images, LongBuffer ids, LongBuffer attentionMask, LongBuffer sentenceMap)
        implements Batch {
    @Override
    public List<Buffer> buffers() {
        return List.of(images, ids, attentionMask, sentenceMap);
    }
}
