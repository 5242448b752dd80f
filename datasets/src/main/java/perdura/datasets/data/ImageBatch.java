package perdura.datasets.data;

import java.nio.Buffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Images of a downstream task with their truth. All buffers are direct, in native order, and belong to the receiver.
 *
 * @param size images B
 * @param images [B, C, S, S], float32, normalised
 * @param labels [B, labels], float32, as the owner's table has them; NaN for a blank
 * @param masks [B, 1, S, S], float32, 1 inside; null for a set without masks
 * @param rows [B], the samples' rows in the data set
 */
public record ImageBatch(
        int size,
        FloatBuffer images,
        FloatBuffer labels,
        @Nullable FloatBuffer masks,
        LongBuffer rows) implements Batch {
    @Override
    public List<Buffer> buffers() {
        return masks == null ? List.of(images, labels, rows) : List.of(images, labels, masks, rows);
    }
}
