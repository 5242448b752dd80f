package perdura.training.weights.file;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private static final int MAX_DEPTH = 100;

    private final String file;
    private final Places places;
    private final boolean bigEndian;
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
        visit("", root, 0);
        return List.copyOf(found.values());
    }

    private void visit(String path, PickleValue value, int depth) {
        if (depth > MAX_DEPTH) {
            throw WeightFault.at(file, "its values are nested deeper than " + MAX_DEPTH + "; no file of weights is");
        }
        if (value instanceof TensorView view) {
            add(path.isEmpty() ? "tensor" : path, view);
        } else if (!seen.add(value)) {
            return;
        } else if (value instanceof Mapping mapping) {
            mapping.entries().forEach((key, entry) -> visit(child(path, key), entry, depth + 1));
        } else if (value instanceof Sequence list) {
            visitAll(path, list.items(), depth);
        } else if (value instanceof Tuple tuple) {
            visitAll(path, tuple.items(), depth);
        }
    }

    private void visitAll(String path, List<PickleValue> items, int depth) {
        for (int i = 0; i < items.size(); i++) {
            visit(child(path, String.valueOf(i)), items.get(i), depth + 1);
        }
    }

    private void add(String name, TensorView view) {
        long position = places.of(view.storage()) + view.offset() * view.type().sizeBytes();
        FileTensor tensor = new FileTensor(name, view.type(), view.shape(), view.strides(), position, bigEndian);
        if (found.put(name, tensor) != null) {
            throw WeightFault.at(file, "two tensors have the name " + WeightFault.shown(name));
        }
    }

    private static String child(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
