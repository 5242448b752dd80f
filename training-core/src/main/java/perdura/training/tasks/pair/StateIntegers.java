package perdura.training.tasks.pair;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;

/** Whole numbers of a job's state as a tensor of its checkpoint, int64 [n]. */
final class StateIntegers {
    private StateIntegers() {}

    static HostTensor of(String name, long... values) {
        ByteBuffer data = ByteBuffer.allocate(Long.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asLongBuffer().put(values);
        return new HostTensor(name, ElementType.I64, List.of((long) values.length), data);
    }

    /**
     * @param tensor null if the checkpoint has none
     * @throws PerduraException CHECKPOINT_DAMAGED if it is not {@code count} whole numbers
     */
    static long[] read(String name, @Nullable HostTensor tensor, int count) {
        List<Long> shape = List.of((long) count);
        if (tensor == null
                || tensor.type() != ElementType.I64
                || !tensor.shape().equals(shape)) {
            throw new PerduraException(
                    ErrorCode.CHECKPOINT_DAMAGED,
                    "tensor " + name + " must be I64" + shape + ", "
                            + (tensor == null ? "it is missing" : "was " + tensor.type() + tensor.shape()));
        }
        long[] values = new long[count];
        tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(values);
        return values;
    }
}
