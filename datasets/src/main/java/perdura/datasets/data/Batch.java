package perdura.datasets.data;

import java.nio.Buffer;
import java.util.List;

/** The inputs of one step. */
public sealed interface Batch permits PairBatch, SenseBatch, ImageBatch {
    /** Samples of the batch. */
    int size();

    /** All that a step reads, float and long buffers in a fixed order. */
    List<Buffer> buffers();
}
