package perdura.training.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * Reads safetensors files of any size into memory outside the heap. A tensor may hold up to 2 GiB. The header is checked
 * before any tensor is read: every fault names the file, the tensor and the value.
 */
public final class SafetensorsReader {
    private static final int CHUNK_BYTES = 8 << 20;

    private final Path file;

    private SafetensorsReader(Path file) {
        this.file = file;
    }

    /**
     * All tensors, in the order of their bytes in the file.
     *
     * @throws PerduraException CHECKPOINT_DAMAGED if the file is not what the format says
     * @throws IOException if the file is not there or can't be read
     */
    public static List<HostTensor> read(Path file) throws IOException {
        return new SafetensorsReader(file).read();
    }

    private List<HostTensor> read() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            List<SafetensorsIndex.Entry> entries =
                    SafetensorsIndex.read(channel, file.toString(), ErrorCode.CHECKPOINT_DAMAGED);
            entries.forEach(this::checkReadable);
            List<HostTensor> tensors = new ArrayList<>();
            for (SafetensorsIndex.Entry entry : entries) {
                ByteBuffer data = readFully(channel, entry.position(), (int) entry.sizeBytes());
                tensors.add(new HostTensor(entry.name(), type(entry), entry.shape(), data));
            }
            return tensors;
        }
    }

    private void checkReadable(SafetensorsIndex.Entry entry) {
        type(entry);
        if (entry.sizeBytes() > Integer.MAX_VALUE - 8) {
            throw damaged("tensor " + entry.name() + ": " + entry.sizeBytes() + " bytes; a tensor may hold up to "
                    + (Integer.MAX_VALUE - 8));
        }
    }

    private HostTensor.ElementType type(SafetensorsIndex.Entry entry) {
        return Arrays.stream(HostTensor.ElementType.values())
                .filter(known -> known.name().equals(entry.type()))
                .findAny()
                .orElseThrow(() -> damaged("tensor " + entry.name() + ": dtype is \"" + entry.type()
                        + "\", expected one of " + Arrays.toString(HostTensor.ElementType.values())));
    }

    private ByteBuffer readFully(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            int at = buffer.position();
            ByteBuffer chunk = buffer.slice(at, Math.min(CHUNK_BYTES, buffer.remaining()));
            int read = channel.read(chunk, position + at);
            if (read < 0) {
                throw damaged("ends at byte " + (position + at) + ", expected " + (length - at) + " more");
            }
            buffer.position(at + read);
        }
        return buffer.flip();
    }

    private PerduraException damaged(String fault) {
        return new PerduraException(ErrorCode.CHECKPOINT_DAMAGED, file + ": " + fault);
    }
}
