package perdura.training.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;
import java.util.function.Consumer;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;

/**
 * The tensors of one step: its inputs, its constants and all results. They stay alive until the scope closes, after the
 * backward pass. Numbers leave a step, tensors don't.
 */
public final class StepScope implements AutoCloseable {
    private final NDManager manager;
    private final NDManager host;
    private final NDArray selector;

    StepScope(NDManager manager) {
        this.manager = manager;
        this.host = manager.getDevice().isGpu() ? manager.newSubManager(Device.cpu()) : manager;
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

    /**
     * A float32 tensor with a copy of the buffer's remaining elements, row-major.
     *
     * @throws IllegalArgumentException if they are more or less than the shape holds
     */
    public Tensor floats(FloatBuffer values, long... shape) {
        checkCount(values.remaining(), shape);
        return filled(
                DataType.FLOAT32,
                new Shape(shape),
                bytes -> bytes.asFloatBuffer().put(values.duplicate()));
    }

    /** An int64 tensor; like {@link #floats}. */
    public Tensor longs(LongBuffer values, long... shape) {
        checkCount(values.remaining(), shape);
        return filled(
                DataType.INT64, new Shape(shape), bytes -> bytes.asLongBuffer().put(values.duplicate()));
    }

    /** A float64 scalar in host memory, whatever the device: a learning rate or another number for a script. */
    public Tensor scalar(double value) {
        NDArray array = host.create(new Shape(), DataType.FLOAT64);
        array.toByteBuffer(true).putDouble(value);
        return new Tensor(array);
    }

    /** Zeros in host memory, whatever the device: for draws that are the same on all devices. */
    public Tensor onHost(ElementType type, List<Long> shape) {
        return new Tensor(host.zeros(shape(shape), dataType(type)));
    }

    /** A tensor with the values of {@code tensor}. */
    public Tensor tensor(HostTensor tensor) {
        checkCount(
                tensor.data().remaining() / tensor.type().sizeBytes(),
                tensor.shape().stream().mapToLong(Long::longValue).toArray());
        return filled(
                dataType(tensor.type()),
                shape(tensor.shape()),
                bytes -> bytes.put(tensor.data().duplicate()));
    }

    /** Inputs lie in the engine's own memory: Java's would be freed by the garbage collector, whenever that runs. */
    private Tensor filled(DataType type, Shape shape, Consumer<ByteBuffer> fill) {
        NDArray array = host.create(shape, type);
        fill.accept(array.toByteBuffer(true));
        return new Tensor(array.toDevice(manager.getDevice(), false));
    }

    private static void checkCount(int elements, long... shape) {
        if (elements != new Shape(shape).size()) {
            throw new IllegalArgumentException(
                    "the shape " + new Shape(shape) + " wants other than " + elements + " elements");
        }
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
