package perdura.training.tasks.detect;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;

/** Numbers that the host has made in double precision, as tensors of the net's. */
final class HostNumbers {
    private HostNumbers() {}

    /**
     * The first elements of an array.
     *
     * @param type F32 or F64
     */
    static Tensor tensor(StepScope scope, ElementType type, double[] values, long... shape) {
        int count = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
        ByteBuffer bytes = ByteBuffer.allocate(count * type.sizeBytes()).order(ByteOrder.LITTLE_ENDIAN);
        if (type == ElementType.F32) {
            for (int i = 0; i < count; i++) {
                bytes.putFloat((float) values[i]);
            }
        } else {
            bytes.asDoubleBuffer().put(values, 0, count);
            bytes.position(bytes.limit());
        }
        List<Long> sizes = Arrays.stream(shape).boxed().toList();
        return scope.tensor(new HostTensor("numbers", type, sizes, bytes.flip()));
    }
}
