package perdura.training.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import perdura.training.checkpoint.HostTensor.ElementType;

/** A handle to a tensor on the device. It lives as long as the scope or the store that made it. */
public final class Tensor {
    private Supplier<NDArray> source;

    Tensor(NDArray array) {
        this(() -> array);
    }

    /** A tensor whose array is found when it is asked for. */
    Tensor(Supplier<NDArray> source) {
        this.source = source;
    }

    /** The wrapped array, for this package alone. */
    NDArray array() {
        return source.get();
    }

    /** Has the handle stand for another array with the same elements. */
    void replace(NDArray other) {
        source = () -> other;
    }

    /** Sizes, outermost first; empty for a scalar. */
    public List<Long> shape() {
        List<Long> sizes = new ArrayList<>();
        for (long size : array().getShape().getShape()) {
            sizes.add(size);
        }
        return sizes;
    }

    /** @throws IllegalStateException for a type that never leaves the device, bool for instance */
    public ElementType type() {
        DataType type = array().getDataType();
        return switch (type) {
            case FLOAT32 -> ElementType.F32;
            case FLOAT64 -> ElementType.F64;
            case INT64 -> ElementType.I64;
            default -> throw new IllegalStateException("only f32, f64 and i64 leave the device, was " + type);
        };
    }

    /** All elements in row-major order. For tensors of a step: what it copies to the host dies with the step. */
    public double[] toDoubles() {
        ElementType type = type();
        ByteBuffer bytes = array().toByteBuffer(true);
        double[] values = new double[bytes.remaining() / type.sizeBytes()];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (type) {
                case F32 -> bytes.getFloat(4 * i);
                case F64 -> bytes.getDouble(8 * i);
                case I64 -> bytes.getLong(8 * i);
            };
        }
        return values;
    }

    /** All elements of a float32 tensor in row-major order, without a copy where it lies in host memory. They die with the tensor. */
    public FloatBuffer toFloats() {
        require(ElementType.F32);
        return array().toByteBuffer(true).asFloatBuffer();
    }

    /** All elements of an int64 tensor; like {@link #toFloats}. */
    public LongBuffer toLongs() {
        require(ElementType.I64);
        return array().toByteBuffer(true).asLongBuffer();
    }

    private void require(ElementType wanted) {
        if (type() != wanted) {
            throw new IllegalStateException("the elements must be " + wanted + ", were " + type());
        }
    }

    /**
     * The value of a tensor with one element.
     *
     * @throws IllegalStateException if it has more
     */
    public double item() {
        double[] values = toDoubles();
        if (values.length != 1) {
            throw new IllegalStateException("item wants one element, the shape was " + shape());
        }
        return values[0];
    }
}
