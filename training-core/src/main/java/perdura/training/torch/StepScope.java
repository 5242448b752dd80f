package perdura.training.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;

/**
 * The tensors of one step: its inputs, its constants and all results. They stay alive until the scope closes, after the
 * backward pass, because on a CPU the engine reads inputs from Java's memory. Numbers leave a step, tensors don't.
 */
public final class StepScope implements AutoCloseable {
    private final NDManager manager;
    private final NDArray selector;

    StepScope(NDManager manager) {
        this.manager = manager;
        this.selector = manager.zeros(new Shape());
    }

    /** The first argument of every call: the engine's binding takes the function's name and the scope from it. */
    NDArray selector(String function) {
        selector.setName("module_method:" + function);
        return selector;
    }

    NDManager manager() {
        return manager;
    }

    /** A float32 tensor with a copy of the buffer's remaining elements, row-major. */
    public Tensor floats(FloatBuffer values, long... shape) {
        return new Tensor(manager.create(values.duplicate(), new Shape(shape), DataType.FLOAT32));
    }

    /** An int64 tensor with a copy of the buffer's remaining elements, row-major. */
    public Tensor longs(LongBuffer values, long... shape) {
        return new Tensor(manager.create(values.duplicate(), new Shape(shape), DataType.INT64));
    }

    /** A float64 scalar in host memory, whatever the device: a learning rate or another number for a script. */
    public Tensor scalar(double value) {
        NDManager host = manager.getDevice().isGpu() ? manager.newSubManager(Device.cpu()) : manager;
        return new Tensor(host.create(DoubleBuffer.wrap(new double[] {value}), new Shape(), DataType.FLOAT64));
    }

    /** A tensor with the values of {@code tensor}; on a CPU it may share the memory of a direct buffer. */
    public Tensor tensor(HostTensor tensor) {
        ByteBuffer data = tensor.data().slice();
        ByteBuffer direct = data.isDirect() ? data : copyOf(data);
        return new Tensor(manager.create(direct, shape(tensor.shape()), dataType(tensor.type())));
    }

    private static ByteBuffer copyOf(ByteBuffer data) {
        return ByteBuffer.allocateDirect(data.remaining())
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(data)
                .flip();
    }

    static Shape shape(List<Long> sizes) {
        return new Shape(sizes.stream().mapToLong(Long::longValue).toArray());
    }

    static DataType dataType(ElementType type) {
        return switch (type) {
            case F32 -> DataType.FLOAT32;
            case F64 -> DataType.FLOAT64;
            case I64 -> DataType.INT64;
        };
    }

    @Override
    public void close() {
        manager.close();
    }
}
