package perdura.training.weights.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import perdura.training.checkpoint.DataType;
import perdura.training.checkpoint.HostTensor.ElementType;

/**
 * Reads one tensor at a time, a large one into memory outside the heap: in row-major order whatever its strides, in little-endian order,
 * in a type of ours. 16-bit floats widen exactly; float64 rounds to the nearest float32.
 */
record TensorReader(FileChannel channel, String file) {
    private static final int CHUNK_BYTES = 8 << 20;
    /** A view may repeat elements; one that repeats them more often than this is a bomb, unless it is small. */
    private static final int MAX_REPEATS = 64;

    private static final int SMALL_BYTES = 1 << 20;

    /**
     * @param type F32 or F64 for a floating type, I64 for another one
     * @return the elements, from position 0 to the limit
     */
    ByteBuffer read(FileTensor tensor, ElementType type) throws IOException {
        if (!tensor.type().isReadable() || tensor.type().isFloating() != (type != ElementType.I64)) {
            throw WeightFault.at(
                    file, "tensor " + tensor.name() + " of " + tensor.type() + " can't be read as " + type);
        }
        ByteBuffer source = region(tensor);
        boolean isAsItIs = tensor.isContiguous() && tensor.type().name().equals(type.name()) && !tensor.bigEndian();
        return isAsItIs ? source : convert(tensor, source, type);
    }

    /** The bytes from the first to the last element. */
    private ByteBuffer region(FileTensor tensor) throws IOException {
        long length = tensor.extent() * tensor.type().sizeBytes();
        ByteBuffer buffer = allocate(checkedLength(tensor, length));
        buffer.order(tensor.bigEndian() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            int at = buffer.position();
            ByteBuffer chunk = buffer.slice(at, Math.min(CHUNK_BYTES, buffer.remaining()));
            int read = channel.read(chunk, tensor.position() + at);
            if (read < 0) {
                throw WeightFault.at(file, "ends inside tensor " + tensor.name() + "; is the file being written?");
            }
            buffer.position(at + read);
        }
        return buffer.flip();
    }

    private ByteBuffer convert(FileTensor tensor, ByteBuffer source, ElementType type) {
        long elements = tensor.elements();
        long length = elements > Long.MAX_VALUE / type.sizeBytes() ? Long.MAX_VALUE : elements * type.sizeBytes();
        if (length > SMALL_BYTES && length / MAX_REPEATS > source.limit()) {
            throw WeightFault.at(
                    file,
                    "tensor " + tensor.name() + " of shape " + tensor.shape() + " repeats the " + source.limit()
                            + " bytes that it has in the file more than " + MAX_REPEATS + " times");
        }
        ByteBuffer target = allocate(checkedLength(tensor, length)).order(ByteOrder.LITTLE_ENDIAN);
        if (elements == 0) {
            return target;
        }
        int axes = tensor.shape().size();
        int rowLength = axes == 0 ? 1 : Math.toIntExact(tensor.shape().get(axes - 1));
        long rowStride = axes == 0 ? 0 : tensor.strides().get(axes - 1);
        long[] index = new long[Math.max(0, axes - 1)];
        while (target.hasRemaining()) {
            long start = 0;
            for (int axis = 0; axis < index.length; axis++) {
                start += index[axis] * tensor.strides().get(axis);
            }
            convertRow(tensor.type(), source, start, rowStride, target, type, rowLength);
            for (int axis = index.length - 1;
                    axis >= 0 && ++index[axis] == tensor.shape().get(axis);
                    axis--) {
                index[axis] = 0;
            }
        }
        return target.flip();
    }

    private static void convertRow(
            DataType from, ByteBuffer source, long start, long stride, ByteBuffer target, ElementType to, int count) {
        int size = from.sizeBytes();
        int at = (int) start * size;
        int step = (int) stride * size;
        for (int i = 0; i < count; i++, at += step) {
            switch (to) {
                case F32 -> target.putFloat(floating(from, source, at));
                case F64 -> target.putDouble(from == DataType.F64 ? source.getDouble(at) : floating(from, source, at));
                case I64 -> target.putLong(integer(from, source, at));
            }
        }
    }

    private static float floating(DataType from, ByteBuffer source, int at) {
        return switch (from) {
            case F64 -> (float) source.getDouble(at);
            case F32 -> source.getFloat(at);
            case F16 -> HalfFloat.ofBinary16(source.getShort(at));
            case BF16 -> HalfFloat.ofBfloat16(source.getShort(at));
            default -> throw new IllegalStateException(from.name());
        };
    }

    private static long integer(DataType from, ByteBuffer source, int at) {
        return switch (from) {
            case I64 -> source.getLong(at);
            case I32 -> source.getInt(at);
            case U32 -> source.getInt(at) & 0xFFFFFFFFL;
            case I16 -> source.getShort(at);
            case U16 -> source.getShort(at) & 0xFFFF;
            case I8 -> source.get(at);
            case U8 -> source.get(at) & 0xFF;
            case BOOL -> source.get(at) == 0 ? 0 : 1;
            default -> throw new IllegalStateException(from.name());
        };
    }

    /** Memory outside the heap costs more than it saves for a small tensor. */
    private static ByteBuffer allocate(int length) {
        return length < SMALL_BYTES ? ByteBuffer.allocate(length) : ByteBuffer.allocateDirect(length);
    }

    private int checkedLength(FileTensor tensor, long length) {
        if (length < 0 || length > Integer.MAX_VALUE - 8) {
            throw WeightFault.at(
                    file, "tensor " + tensor.name() + " takes " + length + " bytes; at most 2 GiB are read");
        }
        return (int) length;
    }

    /** The two 16-bit floating point formats. */
    private static final class HalfFloat {
        private HalfFloat() {}

        /** The value of an IEEE 754 binary16; exact. */
        static float ofBinary16(short bits) {
            int sign = (bits & 0x8000) << 16;
            int exponent = (bits >> 10) & 0x1F;
            int fraction = bits & 0x3FF;
            if (exponent == 0) {
                float value = fraction * 0x1p-24f; // zero and subnormal numbers
                return sign == 0 ? value : -value;
            }
            int wide = exponent == 0x1F ? 0xFF : exponent - 15 + 127;
            return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
        }

        /** The value of a bfloat16, the upper half of a float; exact. */
        static float ofBfloat16(short bits) {
            return Float.intBitsToFloat(bits << 16);
        }
    }
}
