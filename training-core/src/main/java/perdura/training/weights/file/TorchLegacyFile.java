package perdura.training.weights.file;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.PerduraException;
import perdura.training.weights.file.PickleValue.Mapping;
import perdura.training.weights.file.PickleValue.Scalar;
import perdura.training.weights.file.PickleValue.Sequence;
import perdura.training.weights.file.PickleValue.Storage;

/**
 * What {@code torch.save} wrote before PyTorch 1.6: five pickles (magic number, version, system, object, keys of the
 * storages), then each storage as its number of elements and its bytes, in the order of the keys.
 */
final class TorchLegacyFile {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long VERSION = 1001;

    private final FileChannel channel;
    private final String file;
    private final long fileBytes;
    private final Map<String, Long> positions = new HashMap<>();

    private TorchLegacyFile(FileChannel channel, String file) throws IOException {
        this.channel = channel;
        this.file = file;
        this.fileBytes = channel.size();
    }

    /** @throws PerduraException INVALID_WEIGHTS */
    static List<FileTensor> read(FileChannel channel, String file) throws IOException {
        return new TorchLegacyFile(channel, file).read();
    }

    private List<FileTensor> read() throws IOException {
        PickleInput in = new PickleInput(channel, file, 0, fileBytes);
        if (!(Unpickler.read(in) instanceof Scalar magic) || !magic.value().equals(MAGIC)) {
            throw WeightFault.at(file, "a pickle, but not one of torch.save: PyTorch's magic number is missing");
        }
        if (!(Unpickler.read(in) instanceof Scalar version) || !version.value().equals(VERSION)) {
            throw WeightFault.at(
                    file, "a version of torch.save's old format that is not known; only " + VERSION + " is");
        }
        if (!(Unpickler.read(in) instanceof Mapping system)
                || !Scalar.of(true).equals(system.entries().get("little_endian"))) {
            throw WeightFault.at(
                    file, "was not written on a little-endian machine; load it in Python and save it again");
        }
        Unpickler.Pickle object = Unpickler.readWithStorages(in);
        PickleValue keys = Unpickler.read(in);
        locate(keys, in.offset(), object.storages());
        return new TensorTree(file, this::place, false).list(object.root());
    }

    private long place(Storage storage) {
        Long position = positions.get(storage.key());
        if (position == null) {
            throw WeightFault.at(file, "the storage " + WeightFault.shown(storage.key()) + " is missing");
        }
        return position;
    }

    private long count(long at) throws IOException {
        ByteBuffer count = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        channel.read(count, at);
        if (count.hasRemaining()) {
            throw WeightFault.at(file + ": byte " + at, "the file ends where a storage begins; is it truncated?");
        }
        return count.getLong(0);
    }

    /** Walks over the storages, which lie one behind the other. */
    private void locate(PickleValue keys, long begin, Map<String, Storage> storages) throws IOException {
        if (!(keys instanceof Sequence list)) {
            throw WeightFault.at(file, "the list of storages is missing");
        }
        long at = begin;
        for (PickleValue item : list.items()) {
            String key = item instanceof Scalar scalar ? String.valueOf(scalar.value()) : "";
            Storage storage = storages.get(key);
            if (storage == null) {
                throw WeightFault.at(file, "a storage '" + WeightFault.shown(key) + "' that no tensor has");
            }
            long count = count(at);
            long bytes = storage.sizeBytes();
            if (count != storage.elements()) {
                throw WeightFault.at(
                        file + ": byte " + at, "a storage of " + count + " elements, expected " + storage.elements());
            }
            if (bytes > fileBytes - at - 8) {
                throw WeightFault.at(
                        file + ": byte " + (at + 8),
                        "a storage of " + bytes + " bytes, but only " + (fileBytes - at - 8)
                                + " follow; is the file truncated?");
            }
            positions.put(key, at + 8);
            at += 8 + bytes;
        }
    }
}
