package perdura.datasets.data;

import java.nio.Buffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The inputs of one optimiser step of SENSE (sense.md 1.3-1.5): two views of each study. All buffers are direct, in native
 * order, and belong to the receiver.
 *
 * @param size studies B
 * @param images [B, 3, S, S], float32, normalised: what the trained encoder sees
 * @param momentumImages the same for the momentum encoder
 * @param texts the sentences that the trained encoder reads
 * @param momentumTexts the sentences that the momentum encoder reads
 * @param studyKeys [B], the studies' rows in the data set
 */
public record SenseBatch(
        int size,
        FloatBuffer images,
        FloatBuffer momentumImages,
        List<TextBucket> texts,
        List<TextBucket> momentumTexts,
        LongBuffer studyKeys)
        implements Batch {
    public SenseBatch {
        texts = List.copyOf(texts);
        momentumTexts = List.copyOf(momentumTexts);
    }

    @Override
    public List<Buffer> buffers() {
        List<Buffer> all = new ArrayList<>(List.of(images, momentumImages, studyKeys));
        for (List<TextBucket> view : List.of(texts, momentumTexts)) {
            view.forEach(bucket -> all.addAll(List.of(bucket.ids(), bucket.attentionMask(), bucket.owners())));
        }
        return all;
    }

    /**
     * Sentences of about the same length, each encoded on its own: {@code [CLS] pieces [SEP]} and padding. All buffers are
     * direct, in native order.
     *
     * @param rows sentences R
     * @param length positions L of the longest one
     * @param ids [R, L], vocabulary ids, padded with 0
     * @param attentionMask [R, L], 1 for a position that holds a piece, 0 for padding
     * @param owners [R], the study of each sentence in its batch, from 0
     */
    public record TextBucket(int rows, int length, LongBuffer ids, LongBuffer attentionMask, LongBuffer owners) {}
}
