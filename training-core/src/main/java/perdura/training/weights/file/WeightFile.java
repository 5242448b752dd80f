package perdura.training.weights.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import perdura.grids.input.RegularFile;
import perdura.grids.input.RegularFile.NotRegularException;
import perdura.grids.input.RegularFile.TooLargeException;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;
import perdura.training.checkpoint.FileDigest;
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
    private final Format format;
    private final List<FileTensor> tensors;
    private final List<Shard> shards;
    /** Which shard has a tensor, by its name; empty where there is one alone. */
    private final Map<String, Shard> shardOf;

    private WeightFile(
            Path path, Format format, List<FileTensor> tensors, List<Shard> shards, Map<String, Shard> shardOf) {
        this.path = path;
        this.format = format;
        this.tensors = List.copyOf(tensors);
        this.shards = List.copyOf(shards);
        this.shardOf = shardOf;
    }

    /** One open file; large models of Hugging Face come in several. */
    private record Shard(Path path, FileChannel channel) {}

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
        List<Shard> shards = new ArrayList<>();
        try {
            return path.toString().endsWith(ShardIndex.ENDING) ? openShards(path, shards) : openOne(path, shards);
        } catch (PerduraException | Error e) {
            close(shards);
            throw e;
        } catch (NotRegularException e) {
            close(shards);
            throw WeightFault.at(path.toString(), String.valueOf(e.getMessage()));
        } catch (NoSuchFileException e) {
            close(shards);
            throw new PerduraException(ErrorCode.NOT_FOUND, e.getMessage() + ": no such file", e);
        } catch (IOException e) {
            close(shards);
            throw unreadable(path, e);
        }
    }

    private static WeightFile openOne(Path path, List<Shard> shards) throws IOException {
        FileChannel channel = RegularFile.channel(path);
        shards.add(new Shard(path, channel));
        Format format = FormatDetection.of(path, channel);
        return new WeightFile(path, format, list(channel, path.toString(), format), shards, Map.of());
    }

    private static WeightFile openShards(Path path, List<Shard> shards) throws IOException {
        ShardIndex index = ShardIndex.read(path);
        List<FileTensor> tensors = new ArrayList<>();
        Map<String, Shard> shardOf = new HashMap<>();
        for (String name : index.files()) {
            Path file = path.resolveSibling(name);
            Shard shard = new Shard(file, RegularFile.channel(file));
            shards.add(shard);
            for (FileTensor tensor : list(shard.channel, file.toString(), Format.SAFETENSORS)) {
                if (shardOf.put(tensor.name(), shard) != null) {
                    throw WeightFault.at(
                            file.toString(), "tensor " + WeightFault.shown(tensor.name()) + " is in another shard too");
                }
                tensors.add(tensor);
            }
        }
        index.fileOf().forEach((name, file) -> {
            Shard shard = shardOf.get(name);
            if (shard == null || !file.equals(String.valueOf(shard.path.getFileName()))) {
                throw WeightFault.at(
                        path.toString(),
                        "tensor " + WeightFault.shown(name) + " is not in " + WeightFault.shown(file)
                                + "; fetch all shards of the same weights");
            }
        });
        return new WeightFile(path, Format.SAFETENSORS, tensors, shards, shardOf);
    }

    private Shard shard(FileTensor tensor) {
        return shardOf.getOrDefault(tensor.name(), shards.get(0));
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

    /**
     * Reads all of the file where it has checksums of its parts.
     *
     * @throws PerduraException INVALID_WEIGHTS if they differ; ARTIFACT_STORE_UNAVAILABLE if reading fails
     */
    public void verify() {
        try {
            if (format == Format.TORCH_ZIP) {
                ZipMembers.verify(shards.get(0).channel, path.toString());
            }
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    public Path path() {
        return path;
    }

    /**
     * Size and SHA-256 of the file; of shards, of all of them one behind the other, sorted by name.
     *
     * @throws IOException if one can't be read
     */
    public FileDigest digest() throws IOException {
        return FileDigest.of(shards.stream().map(Shard::path).toList());
    }

    /** Bytes of the file, or of all shards. */
    public long sizeBytes() throws IOException {
        long bytes = 0;
        for (Shard shard : shards) {
            bytes += shard.channel.size();
        }
        return bytes;
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
        Shard shard = shard(tensor);
        return new TensorReader(shard.channel, shard.path.toString()).read(tensor, type);
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
        return new PerduraException(
                ErrorCode.ARTIFACT_STORE_UNAVAILABLE, path + ": can't be read (" + RegularFile.reason(e) + ")", e);
    }

    @Override
    public void close() {
        close(shards);
    }

    private static void close(List<Shard> shards) {
        for (Shard shard : shards) {
            try {
                shard.channel.close();
            } catch (IOException e) {
                throw unreadable(shard.path, e);
            }
        }
    }

    /**
     * Hugging Face's {@code model.safetensors.index.json}: which of several files has which tensor.
     *
     * @param fileOf name of the file beside it, by the tensor's name
     */
    private record ShardIndex(Map<String, String> fileOf) {
        static final String ENDING = ".safetensors.index.json";

        private static final int MOST_FILES = 1_000;
        private static final JsonFactory JSON = new JsonFactory();

        List<String> files() {
            return List.copyOf(new TreeSet<>(fileOf.values()));
        }

        static ShardIndex read(Path path) throws IOException {
            byte[] bytes;
            try {
                bytes = RegularFile.read(path, ReadLimit.WEIGHT_HEADER_BYTES);
            } catch (TooLargeException e) {
                throw WeightFault.at(path.toString(), String.valueOf(e.getMessage()));
            }
            Map<String, String> fileOf = new LinkedHashMap<>();
            try (JsonParser parser = JSON.createParser(bytes)) {
                parser.nextToken();
                for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
                    parser.nextToken();
                    if (key.equals("weight_map") && parser.currentToken() == JsonToken.START_OBJECT) {
                        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                            fileOf.put(name, file(path, name, parser.nextTextValue()));
                        }
                    } else {
                        parser.skipChildren();
                    }
                }
            } catch (JsonProcessingException e) {
                throw WeightFault.at(path.toString(), "is not JSON");
            }
            ShardIndex index = new ShardIndex(fileOf);
            int files = index.files().size();
            if (files == 0 || files > MOST_FILES) {
                throw WeightFault.at(
                        path.toString(), "weight_map names " + files + " files, expected 1 to " + MOST_FILES);
            }
            return index;
        }

        private static String file(Path path, String tensor, @Nullable String file) {
            if (file == null || !file.matches("[A-Za-z0-9_][A-Za-z0-9._-]{0,199}\\.safetensors")) {
                throw WeightFault.at(
                        path.toString(),
                        "tensor " + WeightFault.shown(tensor) + " is in '" + WeightFault.shown(String.valueOf(file))
                                + "', expected the name of a .safetensors file beside it");
            }
            return file;
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
            if (bytes[0] == 0x08 && bytes[1] > 0 && bytes[1] < 0x20 && (bytes[2] == 0x12 || bytes[2] == 0x3A)) {
                throw WeightFault.at(
                        path.toString(), "is an ONNX model, no file of torch.save; export the weights from PyTorch");
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
