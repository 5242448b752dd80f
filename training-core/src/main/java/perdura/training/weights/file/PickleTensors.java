package perdura.training.weights.file;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.training.checkpoint.DataType;
import perdura.training.weights.file.PickleValue.Global;
import perdura.training.weights.file.PickleValue.Scalar;
import perdura.training.weights.file.PickleValue.Storage;
import perdura.training.weights.file.PickleValue.TensorView;
import perdura.training.weights.file.PickleValue.Tuple;

/** Makes views of storages from what PyTorch writes for a tensor, and checks that they lie inside the storage. */
record PickleTensors(PickleObjects.Site site) {
    private static final int MAX_AXES = 64;
    /** Where {@code _rebuild_tensor_v3} has the element type. */
    private static final int TYPE_ARGUMENT = 6;

    /** @return null if these are not arguments of that rebuilder */
    @Nullable
    TensorView view(Global rebuilder, List<PickleValue> arguments) {
        if (arguments.size() < 4
                || !(arguments.get(0) instanceof Storage storage)
                || !(arguments.get(1) instanceof Scalar start)
                || !(start.value() instanceof Long offset)) {
            return null;
        }
        List<Long> shape = integers(arguments.get(2));
        List<Long> strides = integers(arguments.get(3));
        DataType type = rebuilder.role() == AllowedGlobal.Role.TYPED_TENSOR ? type(arguments) : storage.type();
        if (shape == null || strides == null || type == null || strides.size() != shape.size()) {
            return null;
        }
        site.charge(2 * shape.size());
        checkPlain(arguments, rebuilder.role() == AllowedGlobal.Role.TYPED_TENSOR ? TYPE_ARGUMENT + 1 : TYPE_ARGUMENT);
        check(storage, type, offset, shape, strides);
        return new TensorView(storage, type, offset, shape, strides);
    }

    /** PyTorch keeps a negation or a conjugation that it has not computed yet beside the values. */
    private void checkPlain(List<PickleValue> arguments, int metadata) {
        if (arguments.size() > metadata && arguments.get(metadata) instanceof PickleValue.Mapping marks) {
            for (String mark : List.of("neg", "conj")) {
                if (Scalar.of(true).equals(marks.entries().get(mark))) {
                    throw site.fault("a tensor whose values are still to be "
                            + (mark.equals("neg") ? "negated" : "conjugated") + "; in Python, save tensor.resolve_"
                            + mark + "() in its place");
                }
            }
        }
    }

    private static @Nullable DataType type(List<PickleValue> arguments) {
        return arguments.size() > TYPE_ARGUMENT && arguments.get(TYPE_ARGUMENT) instanceof Global dtype
                ? DataType.findTorch(dtype.name()).orElse(null)
                : null;
    }

    private static @Nullable List<Long> integers(PickleValue value) {
        if (!(value instanceof Tuple tuple) || tuple.items().size() > MAX_AXES) {
            return null;
        }
        List<Long> integers = new ArrayList<>();
        for (PickleValue item : tuple.items()) {
            if (!(item instanceof Scalar scalar) || !(scalar.value() instanceof Long integer)) {
                return null;
            }
            integers.add(integer);
        }
        return integers;
    }

    private void check(Storage storage, DataType type, long offset, List<Long> shape, List<Long> strides) {
        String what = "a tensor of shape " + shape + " with strides " + strides + " at " + offset;
        try {
            if (offset < 0
                    || shape.stream().anyMatch(size -> size < 0)
                    || strides.stream().anyMatch(stride -> stride < 0)) {
                throw site.fault(what + ": none may be negative");
            }
            long extent = FileTensor.elements(shape) == 0 ? 0 : 1;
            for (int axis = 0; axis < shape.size() && extent > 0; axis++) {
                extent = Math.addExact(extent, Math.multiplyExact(shape.get(axis) - 1, strides.get(axis)));
            }
            long endBytes = Math.multiplyExact(Math.addExact(offset, extent), type.sizeBytes());
            if (endBytes > storage.sizeBytes()) {
                throw site.fault(what + " ends at byte " + endBytes + " of a storage of " + storage.sizeBytes());
            }
        } catch (ArithmeticException e) {
            throw site.fault(what + " of a storage of " + storage.elements() + " elements: beyond any file");
        }
    }
}
