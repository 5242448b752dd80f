package perdura.training.checkpoint;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A tensor in host memory.
 *
 * @param name unique in its file; torchvision's and Hugging Face's names
 * @param type element type
 * @param shape sizes, outermost first; empty for a scalar
 * @param data little-endian elements in row-major order, from position 0 to the limit; owned by this record
 */
public record HostTensor(String name, ElementType type, List<Long> shape, ByteBuffer data) implements TensorSource {
    public HostTensor {
        shape = List.copyOf(shape);
    }

    /** Element types that checkpoints hold, with safetensors' names. */
    public enum ElementType {
        F32(4),
        F64(8),
        I64(8);

        private final int sizeBytes;

        ElementType(int sizeBytes) {
            this.sizeBytes = sizeBytes;
        }

        public int sizeBytes() {
            return sizeBytes;
        }
    }
}
