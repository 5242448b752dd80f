package perdura.training.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.DurableEffects;

/**
 * Writes safetensors files: 8 bytes with the header's length, a JSON header, the tensors in the order given. Files may be
 * of any size. The same tensors in the same order always give the same bytes. Python's {@code safetensors} opens them.
 */
public final class SafetensorsWriter {
    /** What {@code transformers} asks of a file: the tensors are PyTorch's. */
    private static final Map<String, String> METADATA = Map.of("format", "pt");

    private SafetensorsWriter() {}

    /**
     * Writes a new file and brings it to the disk.
     *
     * @param tensors with names of their own; the bytes of each are fetched when their turn comes
     * @return size and digest, computed while writing
     * @throws IOException if the file is there already, or can't be written
     */
    public static FileDigest write(Path file, List<? extends TensorSource> tensors, DurableEffects effects)
            throws IOException {
        ByteBuffer header = header(tensors);
        try (DigestingFile out = DigestingFile.create(file, effects, sizeBytes(header, tensors))) {
            return pour(header, tensors, out);
        }
    }

    /** The digest that {@link #write} would give, without a file. */
    static FileDigest digest(List<HostTensor> tensors) {
        ByteBuffer header = header(tensors);
        try (DigestingFile out = DigestingFile.digestOnly(sizeBytes(header, tensors))) {
            return pour(header, tensors, out);
        } catch (IOException e) {
            throw new IllegalStateException("no file is written", e);
        }
    }

    private static FileDigest pour(ByteBuffer header, List<? extends TensorSource> tensors, DigestingFile out)
            throws IOException {
        out.write(header);
        for (TensorSource tensor : tensors) {
            ByteBuffer data = tensor.data();
            checkBytes(tensor, data);
            out.write(data.duplicate().rewind());
        }
        return out.finish();
    }

    private static long sizeBytes(ByteBuffer header, List<? extends TensorSource> tensors) {
        return header.remaining()
                + tensors.stream().mapToLong(SafetensorsWriter::expectedBytes).sum();
    }

    /** Length and JSON, padded with blanks so that the tensors begin at a multiple of 8. */
    private static ByteBuffer header(List<? extends TensorSource> tensors) {
        List<String> entries = new ArrayList<>();
        entries.add("\"__metadata__\":" + CanonicalJson.write(METADATA));
        Set<String> names = new HashSet<>();
        long offset = 0;
        for (TensorSource tensor : tensors) {
            if (tensor.name().equals("__metadata__") || !names.add(tensor.name())) {
                throw new IllegalArgumentException("tensor name '" + tensor.name() + "' is reserved or comes twice");
            }
            if (tensor instanceof HostTensor host) {
                checkBytes(host, host.data());
            }
            long end = offset + expectedBytes(tensor);
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("dtype", tensor.type().name());
            entry.put("shape", tensor.shape());
            entry.put("data_offsets", List.of(offset, end));
            entries.add(CanonicalJson.write(tensor.name()) + ":" + CanonicalJson.write(entry));
            offset = end;
        }
        byte[] json = ("{" + String.join(",", entries) + "}").getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8;
        ByteBuffer header = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(padded).put(json);
        while (header.hasRemaining()) {
            header.put((byte) ' ');
        }
        return header.flip();
    }

    private static long expectedBytes(TensorSource tensor) {
        long expected = tensor.type().sizeBytes();
        for (long size : tensor.shape()) {
            expected = Math.multiplyExact(expected, size);
        }
        return expected;
    }

    private static void checkBytes(TensorSource tensor, ByteBuffer data) {
        long expected = expectedBytes(tensor);
        if (data.limit() != expected) {
            throw new IllegalArgumentException("tensor " + tensor.name() + " of shape " + tensor.shape() + " needs "
                    + expected + " bytes, has " + data.limit());
        }
    }
}
