package perdura.training.weights.file;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ReadLimit;
import perdura.training.weights.file.PickleValue.Mapping;
import perdura.training.weights.file.PickleValue.Sequence;
import perdura.training.weights.file.PickleValue.Storage;
import perdura.training.weights.file.PickleValue.TensorView;
import perdura.training.weights.file.PickleValue.Tuple;

/**
 * Finds the tensors in a pickle's value, and names each by its keys. A container is looked into once, where it is first met:
 * configurations know their parents, and a few bytes may describe a tree of any size.
 */
final class TensorTree {
    private final String file;
    private final Places places;
    private final boolean bigEndian;
    private long characters;
    private final Map<String, FileTensor> found = new LinkedHashMap<>();
    private final Set<PickleValue> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    TensorTree(String file, Places places, boolean bigEndian) {
        this.file = file;
        this.places = places;
        this.bigEndian = bigEndian;
    }

    /** Where storages lie. */
    interface Places {
        /** Position of a storage's first byte; all of it is inside the file. */
        long of(Storage storage);
    }

    List<FileTensor> list(PickleValue root) {
        visit(null, root, 0);
        return List.copyOf(found.values());
    }

    /**
     * The keys down to a value; joined for tensors alone.
     *
     * @param length characters of all of them with the dots between
     */
    private record Path(@Nullable Path above, String key, int length) {
        static Path below(@Nullable Path above, String key) {
            return new Path(
                    above, key, above == null || above.length == 0 ? key.length() : above.length + 1 + key.length());
        }

        String joined() {
            return above == null || above.length == 0 ? key : above.joined() + "." + key;
        }
    }

    private void visit(@Nullable Path path, PickleValue value, int depth) {
        if (depth > ReadLimit.WEIGHT_DEPTH.most()) {
            throw WeightFault.at(file, "its values are too deep: " + ReadLimit.WEIGHT_DEPTH.told());
        }
        if (value instanceof TensorView view) {
            add(path, view);
        } else if (!seen.add(value)) {
            return;
        } else if (value instanceof Mapping mapping) {
            mapping.entries().forEach((key, entry) -> visit(Path.below(path, key), entry, depth + 1));
        } else if (value instanceof Sequence list) {
            visitAll(path, list.items(), depth);
        } else if (value instanceof Tuple tuple) {
            visitAll(path, tuple.items(), depth);
        }
    }

    private void visitAll(@Nullable Path path, List<PickleValue> items, int depth) {
        for (int i = 0; i < items.size(); i++) {
            visit(Path.below(path, String.valueOf(i)), items.get(i), depth + 1);
        }
    }

    private void add(@Nullable Path path, TensorView view) {
        int length = path == null ? 0 : path.length;
        characters += length;
        if (length > ReadLimit.WEIGHT_NAME_CHARACTERS.most()) {
            throw WeightFault.at(
                    file, "a tensor's name of " + length + " characters: " + ReadLimit.WEIGHT_NAME_CHARACTERS.told());
        }
        if (characters > ReadLimit.WEIGHT_TEXT_BYTES.most()) {
            throw WeightFault.at(file, "its tensors' names are too long: " + ReadLimit.WEIGHT_TEXT_BYTES.told());
        }
        if (found.size() >= ReadLimit.WEIGHT_TENSORS.most()) {
            throw WeightFault.at(file, "it has too many tensors: " + ReadLimit.WEIGHT_TENSORS.told());
        }
        String name = path == null || length == 0 ? "tensor" : path.joined();
        long position = places.of(view.storage()) + view.offset() * view.type().sizeBytes();
        FileTensor tensor = new FileTensor(name, view.type(), view.shape(), view.strides(), position, bigEndian);
        if (found.put(name, tensor) != null) {
            throw WeightFault.at(file, "two tensors have the name " + WeightFault.shown(name));
        }
    }
}
