package perdura.training.weights.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.SafetensorsReader;
import perdura.training.checkpoint.TensorSource;

/**
 * An open file of tensors. Opening it reads and checks what it says about them, whatever its ending; the values are read
 * tensor by tensor when they are wanted, so that memory holds one at a time.
 */
public final class WeightFile implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private final Format format;
    private final List<FileTensor> tensors;

    private WeightFile(Path path, FileChannel channel, Format format, List<FileTensor> tensors) {
        this.path = path;
        this.channel = channel;
        this.format = format;
        this.tensors = tensors;
    }

    /** What a file is, told by its bytes. */
    public enum Format {
        TORCH_ZIP("PyTorch (zip)"),
        TORCH_LEGACY("PyTorch (before 1.6)"),
        SAFETENSORS("safetensors");

        private final String description;

        Format(String description) {
            this.description = description;
        }

        /** For people. */
        public String description() {
            return description;
        }
    }

    /**
     * Opens a file.
     *
     * @throws PerduraException NOT_FOUND if there is none; INVALID_WEIGHTS, with file and place, if it is no such file, is
     *     damaged, or holds what is not allowed; ARTIFACT_STORE_UNAVAILABLE if it can't be read
     */
    public static WeightFile open(Path path) {
        if (Files.isDirectory(path)) {
            throw new PerduraException(
                    ErrorCode.NOT_FOUND, path + ": is a folder; name the file with the weights in it");
        }
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            try {
                Format format = FormatDetection.of(path, channel);
                return new WeightFile(path, channel, format, list(channel, path.toString(), format));
            } catch (IOException | RuntimeException | Error e) {
                channel.close();
                throw e;
            }
        } catch (NoSuchFileException e) {
            throw new PerduraException(ErrorCode.NOT_FOUND, path + ": no such file", e);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private static List<FileTensor> list(FileChannel channel, String file, Format format) throws IOException {
        return switch (format) {
            case TORCH_ZIP -> TorchZipFile.read(channel, file);
            case TORCH_LEGACY -> TorchLegacyFile.read(channel, file);
            case SAFETENSORS ->
                SafetensorsReader.list(channel, file, ErrorCode.INVALID_WEIGHTS).stream()
                        .map(WeightFile::tensor)
                        .toList();
        };
    }

    private static FileTensor tensor(SafetensorsReader.Entry entry) {
        return new FileTensor(
                entry.name(), entry.type(), entry.shape(), FileTensor.rowMajor(entry.shape()), entry.position(), false);
    }

    public Path path() {
        return path;
    }

    public Format format() {
        return format;
    }

    /** All tensors, in the file's order, with names of their own. */
    public List<FileTensor> tensors() {
        return tensors;
    }

    /** The type of ours that a tensor becomes: F32 for every floating type, else I64. */
    public static ElementType targetType(FileTensor tensor) {
        return tensor.type().isFloating() ? ElementType.F32 : ElementType.I64;
    }

    /** A tensor under another name, in {@link #targetType}, to be read when it is wanted. */
    public TensorSource source(FileTensor tensor, String name) {
        return new Source(this, tensor, name, targetType(tensor));
    }

    /**
     * Reads a tensor into memory of its own, in {@link #targetType}.
     *
     * @throws PerduraException INVALID_WEIGHTS if its type can't be read or it is larger than 2 GiB;
     *     ARTIFACT_STORE_UNAVAILABLE if reading fails
     */
    public HostTensor read(FileTensor tensor, String name) {
        ElementType type = targetType(tensor);
        try {
            return new HostTensor(name, type, tensor.shape(), data(tensor, type));
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private ByteBuffer data(FileTensor tensor, ElementType type) throws IOException {
        return new TensorReader(channel, path.toString()).read(tensor, type);
    }

    private record Source(WeightFile file, FileTensor tensor, String name, ElementType type) implements TensorSource {
        @Override
        public List<Long> shape() {
            return tensor.shape();
        }

        @Override
        public ByteBuffer data() throws IOException {
            return file.data(tensor, type);
        }
    }

    private static PerduraException unreadable(Path path, IOException e) {
        return new PerduraException(ErrorCode.ARTIFACT_STORE_UNAVAILABLE, path + ": can't be read (" + e + ")", e);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    /** Tells a file's format by its first bytes, whatever its ending. */
    private static final class FormatDetection {
        private static final int HEAD_BYTES = 512;
        private static final int TAR_MAGIC_AT = 257;

        private FormatDetection() {}

        static Format of(Path path, FileChannel channel) throws IOException {
            ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
            while (head.hasRemaining() && channel.read(head, head.position()) >= 0) {
                // until the buffer is full or the file ends
            }
            byte[] bytes = head.array();
            if (begins(bytes, 0, "PK\u0003\u0004")) {
                return Format.TORCH_ZIP;
            }
            if ((bytes[0] & 0xFF) == 0x80 && bytes[1] >= 2 && bytes[1] <= 5) {
                return Format.TORCH_LEGACY;
            }
            if (bytes[8] == '{') {
                return Format.SAFETENSORS;
            }
            throw WeightFault.at(
                    path.toString(), "is neither a file of torch.save nor safetensors" + otherFormat(bytes));
        }

        private static String otherFormat(byte[] head) {
            if (begins(head, TAR_MAGIC_AT, "ustar")) {
                return "; it is a tar, as PyTorch wrote before 0.1.10: load it in Python and save it again";
            }
            Map<String, String> known = Map.of(
                    "version https://git-lfs",
                            "; it is a pointer of Git LFS: fetch the file itself with 'git lfs pull'",
                    "<", "; it is a web page: the download went wrong",
                    "\u0089HDF", "; it is HDF5, as Keras writes",
                    "\u001f\u008b", "; it is compressed with gzip: unpack it first");
            return known.entrySet().stream()
                    .filter(entry -> begins(head, 0, entry.getKey()))
                    .map(Map.Entry::getValue)
                    .findAny()
                    .orElse("");
        }

        private static boolean begins(byte[] head, int at, String magic) {
            byte[] wanted = magic.getBytes(StandardCharsets.ISO_8859_1);
            for (int i = 0; i < wanted.length; i++) {
                if (head[at + i] != wanted[i]) {
                    return false;
                }
            }
            return true;
        }
    }
}
