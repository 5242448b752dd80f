package perdura.training.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;

/** BatchNorm's count of batches. */
final class Counts {
    private Counts() {}

    static HostTensor zero(String name) {
        ByteBuffer data = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return new HostTensor(name, ElementType.I64, List.of(), data);
    }
}
