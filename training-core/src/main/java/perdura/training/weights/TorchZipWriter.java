package perdura.training.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import perdura.grids.spec.DurableEffects;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.TensorSource;

/**
 * Writes a state dictionary as {@code torch.save} does since PyTorch 1.6: a zip of a pickle (protocol 2) and one stored
 * member for each tensor. {@code torch.load(..., weights_only=True)} reads it. One tensor at a time is in memory.
 */
final class TorchZipWriter {
    private static final int CHUNK_BYTES = 1 << 16;

    private TorchZipWriter() {}

    static void write(Path file, List<? extends TensorSource> tensors, DurableEffects effects) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            effects.before();
            try (ZipOutputStream zip = new ZipOutputStream(Channels.newOutputStream(channel))) {
                store(zip, "data.pkl", ByteBuffer.wrap(pickle(tensors)));
                store(zip, "byteorder", ascii("little"));
                for (int i = 0; i < tensors.size(); i++) {
                    store(zip, "data/" + i, tensors.get(i).data().duplicate().rewind());
                }
                store(zip, "version", ascii("3\n"));
                zip.finish();
                channel.force(true);
            }
            effects.after();
        }
    }

    private static void store(ZipOutputStream zip, String name, ByteBuffer content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content.duplicate());
        ZipEntry entry = new ZipEntry("archive/" + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.remaining());
        entry.setCrc(crc.getValue());
        entry.setTime(0);
        zip.putNextEntry(entry);
        byte[] chunk = new byte[CHUNK_BYTES];
        while (content.hasRemaining()) {
            int length = Math.min(chunk.length, content.remaining());
            content.get(chunk, 0, length);
            zip.write(chunk, 0, length);
        }
        zip.closeEntry();
    }

    /** {@code OrderedDict} of names to {@code _rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())}. */
    private static byte[] pickle(List<? extends TensorSource> tensors) {
        Pickle pickle = new Pickle();
        pickle.raw("\u0080\u0002ccollections\nOrderedDict\n)R(");
        for (int i = 0; i < tensors.size(); i++) {
            TensorSource tensor = tensors.get(i);
            pickle.text(tensor.name());
            pickle.raw("ctorch._utils\n_rebuild_tensor_v2\n((");
            pickle.text("storage");
            pickle.raw("ctorch\n" + storage(tensor.type()) + "\n");
            pickle.text(String.valueOf(i));
            pickle.text("cpu");
            pickle.integer(elements(tensor.shape()));
            pickle.raw("tQ");
            pickle.integer(0);
            pickle.integers(tensor.shape());
            pickle.integers(strides(tensor.shape()));
            pickle.raw("\u0089ccollections\nOrderedDict\n)RtR");
        }
        pickle.raw("u.");
        return pickle.bytes.toByteArray();
    }

    private static String storage(ElementType type) {
        return switch (type) {
            case F32 -> "FloatStorage";
            case F64 -> "DoubleStorage";
            case I64 -> "LongStorage";
        };
    }

    private static long elements(List<Long> shape) {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    private static List<Long> strides(List<Long> shape) {
        Long[] strides = new Long[shape.size()];
        long stride = 1;
        for (int axis = strides.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= shape.get(axis);
        }
        return List.of(strides);
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The opcodes that are needed. */
    private static final class Pickle {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        void raw(String opcodes) {
            bytes.writeBytes(opcodes.getBytes(StandardCharsets.ISO_8859_1));
        }

        void text(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            bytes.write('X');
            littleEndian(utf8.length, Integer.BYTES);
            bytes.writeBytes(utf8);
        }

        /** LONG1 with eight bytes, which is right for every long. */
        void integer(long value) {
            bytes.write(0x8A);
            bytes.write(Long.BYTES);
            littleEndian(value, Long.BYTES);
        }

        void integers(List<Long> values) {
            raw("(");
            values.forEach(this::integer);
            raw("t");
        }

        private void littleEndian(long value, int count) {
            for (int i = 0; i < count; i++) {
                bytes.write((int) (value >>> (8 * i)));
            }
        }
    }
}
