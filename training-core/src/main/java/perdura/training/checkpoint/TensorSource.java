package perdura.training.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A tensor that is to be written: its description, and its bytes when they are wanted. */
public interface TensorSource {
    String name();

    HostTensor.ElementType type();

    /** Sizes, outermost first; empty for a scalar. */
    List<Long> shape();

    /** Little-endian elements in row-major order, from position 0 to the limit. */
    ByteBuffer data() throws IOException;
}
