package perdura.training.weights.file;

import java.util.List;
import perdura.training.checkpoint.DataType;

/**
 * A tensor where it lies in a file: a view of a region, in general strided. Made only where all of it lies inside the file.
 *
 * @param name keys from the file's root down to it, joined by dots
 * @param shape sizes, outermost first; empty for a scalar
 * @param strides elements from one index to the next along each axis, at least 0
 * @param position of its first element in the file, bytes
 * @param bigEndian whether the most significant byte comes first
 */
public record FileTensor(
        String name, DataType type, List<Long> shape, List<Long> strides, long position, boolean bigEndian) {
    public FileTensor {
        shape = List.copyOf(shape);
        strides = List.copyOf(strides);
    }

    /** Number of elements; {@link Long#MAX_VALUE} if it overflows. */
    public long elements() {
        return elements(shape);
    }

    /** Bytes of all elements; {@link Long#MAX_VALUE} if they overflow. */
    public long sizeBytes() {
        long elements = elements();
        return elements > Long.MAX_VALUE / type.sizeBytes() ? Long.MAX_VALUE : elements * type.sizeBytes();
    }

    /** Whether the elements lie in row-major order without gaps. */
    boolean isContiguous() {
        long expected = 1;
        for (int axis = shape.size() - 1; axis >= 0; axis--) {
            if (shape.get(axis) != 1 && strides.get(axis) != expected) {
                return false;
            }
            expected *= shape.get(axis);
        }
        return true;
    }

    /** Elements from the first to the last in the file, both included; 0 for an empty tensor. */
    long extent() {
        long extent = 1;
        for (int axis = 0; axis < shape.size(); axis++) {
            if (shape.get(axis) == 0) {
                return 0;
            }
            extent += (shape.get(axis) - 1) * strides.get(axis);
        }
        return extent;
    }

    static long elements(List<Long> shape) {
        long elements = 1;
        for (long size : shape) {
            if (size == 0) {
                return 0;
            }
            elements = elements > Long.MAX_VALUE / size ? Long.MAX_VALUE : elements * size;
        }
        return elements;
    }

    /** Row-major strides of a shape. */
    static List<Long> rowMajor(List<Long> shape) {
        Long[] strides = new Long[shape.size()];
        long stride = 1;
        for (int axis = strides.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride = elements(List.of(stride, Math.max(1, shape.get(axis))));
        }
        return List.of(strides);
    }
}
