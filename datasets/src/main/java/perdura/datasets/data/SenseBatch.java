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
 * @param images [B, 3, S, S], float32, normalised: what the trained encoder sees
 * @param momentumImages the same for the momentum encoder
 * @param texts what the trained encoder reads, for each chunk of studies that runs through it at a time
 * @param momentumTexts what the momentum encoder reads, for the same chunks
 * @param studyKeys [B], the studies' rows in the data set
 */
public record SenseBatch(
        FloatBuffer images,
        FloatBuffer momentumImages,
        List<StudyTexts> texts,
        List<StudyTexts> momentumTexts,
        LongBuffer studyKeys)
        implements Batch {
    public SenseBatch {
        texts = List.copyOf(texts);
        momentumTexts = List.copyOf(momentumTexts);
    }

    @Override
    public int size() {
        return studyKeys.remaining();
    }

    @Override
    public List<Buffer> buffers() {
        List<Buffer> all = new ArrayList<>(List.of(images, momentumImages, studyKeys));
        texts.forEach(chunk -> all.addAll(chunk.buffers()));
        momentumTexts.forEach(chunk -> all.addAll(chunk.buffers()));
        return all;
    }
}
