package perdura.training.tasks.classify;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;

/** A few numbers of a job's state as a tensor of its checkpoint, float64 [n]. */
final class StateNumbers {
    private StateNumbers() {}

    static HostTensor of(String name, double... values) {
        ByteBuffer data = ByteBuffer.allocate(Double.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            data.putDouble(value);
        }
        return new HostTensor(name, ElementType.F64, List.of((long) values.length), data.flip());
    }

    /**
     * @param tensor null if the checkpoint has none
     * @throws PerduraException CHECKPOINT_DAMAGED if it is not {@code count} numbers
     */
    static double[] read(String name, @Nullable HostTensor tensor, int count) {
        List<Long> shape = List.of((long) count);
        if (tensor == null
                || tensor.type() != ElementType.F64
                || !tensor.shape().equals(shape)) {
            throw new PerduraException(
                    ErrorCode.CHECKPOINT_DAMAGED,
                    "tensor " + name + " must be F64" + shape + ", "
                            + (tensor == null ? "it is missing" : "was " + tensor.type() + tensor.shape()));
        }
        double[] values = new double[count];
        ByteBuffer data = tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            values[i] = data.getDouble(Double.BYTES * i);
        }
        return values;
    }
}
