package perdura.training.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.List;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.HostTensor.ElementType;

/** Numbers of a job's state, or of what is prepared for one, as a tensor [n] of a file: float64, or int64. */
public final class StateNumbers {
    private StateNumbers() {}

    public static HostTensor of(String name, double... values) {
        ByteBuffer data = buffer(values.length);
        data.asDoubleBuffer().put(values);
        return new HostTensor(name, ElementType.F64, List.of((long) values.length), data);
    }

    public static HostTensor ofWhole(String name, long... values) {
        ByteBuffer data = buffer(values.length);
        data.asLongBuffer().put(values);
        return new HostTensor(name, ElementType.I64, List.of((long) values.length), data);
    }

    private static ByteBuffer buffer(int numbers) {
        return ByteBuffer.allocate(Double.BYTES * numbers).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * @param section which must hold the tensor
     * @throws PerduraException CHECKPOINT_DAMAGED if it is not {@code count} numbers
     */
    public static double[] read(String name, List<HostTensor> section, int count) {
        double[] values = new double[count];
        data(name, section, ElementType.F64, count).asDoubleBuffer().get(values);
        return values;
    }

    /** As {@link #read}, for whole numbers. */
    public static long[] readWhole(String name, List<HostTensor> section, int count) {
        long[] values = new long[count];
        data(name, section, ElementType.I64, count).asLongBuffer().get(values);
        return values;
    }

    /**
     * Refuses what nobody asked for: a section of another model.
     *
     * @param known names that a section may have
     * @throws PerduraException CHECKPOINT_DAMAGED with all other names
     */
    public static void requireOnly(List<HostTensor> section, Collection<String> known) {
        List<String> unknown = section.stream()
                .map(HostTensor::name)
                .filter(name -> !known.contains(name))
                .toList();
        if (!unknown.isEmpty()) {
            throw new PerduraException(
                    ErrorCode.CHECKPOINT_DAMAGED,
                    "tensors " + String.join(", ", unknown) + " are unknown to this model");
        }
    }

    private static ByteBuffer data(String name, List<HostTensor> section, ElementType type, int count) {
        List<Long> shape = List.of((long) count);
        HostTensor tensor = section.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> damaged(name, type, shape, "was missing"));
        if (tensor.type() != type || !tensor.shape().equals(shape)) {
            throw damaged(name, type, shape, "was " + tensor.type() + tensor.shape());
        }
        return tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static PerduraException damaged(String name, ElementType type, List<Long> shape, String what) {
        return new PerduraException(
                ErrorCode.CHECKPOINT_DAMAGED, "tensor " + name + " must be " + type + shape + ", " + what);
    }
}
