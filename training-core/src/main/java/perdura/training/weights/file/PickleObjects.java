package perdura.training.weights.file;

import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.ReadLimit;
import perdura.training.checkpoint.DataType;

/**
 * Makes plain values where a pickle asks for objects. Arguments that PyTorch would not have written are a fault, whatever
 * Python would have done with them. Contents are shared, not copied, so that a few bytes can't ask for much memory.
 */
record PickleObjects(Site site) {
    /** A text of so many characters takes about the memory of a value. */
    private static final int CHARACTERS_OF_A_VALUE = 32;

    /** The place in the pickle that asks. */
    interface Site {
        /** The exception for what is wrong there. */
        PerduraException fault(String fault);

        /** Counts values that are made. */
        void charge(int count);
    }

    /** @param call whether the type is called with the arguments; else an instance is made, to be filled later */
    PickleValue make(PickleValue type, PickleValue arguments, boolean call) {
        if (!(type instanceof PickleValue.Global global)) {
            throw site.fault("calls a value of kind " + type.kind());
        }
        if (!(arguments instanceof PickleValue.Tuple tuple)) {
            throw site.fault("calls " + global.name() + " with a value of kind " + arguments.kind());
        }
        List<PickleValue> items = tuple.items();
        PickleValue made = call || isContainer(global) ? make(global, items) : null;
        if (made == null) {
            throw site.fault((call ? "calls " : "makes an instance of ") + global.name() + " with (" + kinds(items)
                    + "), which is not how PyTorch writes it");
        }
        return made;
    }

    private static boolean isContainer(PickleValue.Global global) {
        return switch (global.role()) {
            case MAPPING, DEFAULT_MAPPING, SEQUENCE -> true;
            default -> false;
        };
    }

    private @Nullable PickleValue make(PickleValue.Global global, List<PickleValue> items) {
        return switch (global.role()) {
            case MAPPING -> mapping(items);
            case DEFAULT_MAPPING -> mapping(items.isEmpty() ? items : items.subList(1, items.size()));
            case SEQUENCE -> sequence(items);
            case TENSOR, TYPED_TENSOR -> new PickleTensors(site).view(global, items);
            case PARAMETER -> !items.isEmpty() && items.get(0) instanceof PickleValue.TensorView view ? view : null;
            case FROM_TYPE -> fromType(items);
            case SIZE -> items.size() == 1 && items.get(0) instanceof PickleValue.Tuple sizes ? sizes : null;
            case OPAQUE -> new PickleValue.Opaque(global.name());
            case BYTES -> items.size() == 2 ? new PickleValue.Opaque("bytes") : null;
            case WORD, DTYPE, STORAGE, UNTYPED_STORAGE -> null;
        };
    }

    /** Empty, another mapping, or a list of pairs, as Python 2 wrote ordered dictionaries. */
    private @Nullable PickleValue mapping(List<PickleValue> arguments) {
        if (arguments.isEmpty()) {
            return PickleValue.Mapping.empty();
        }
        if (arguments.size() == 1 && arguments.get(0) instanceof PickleValue.Mapping other) {
            return other;
        }
        return arguments.size() == 1 && arguments.get(0) instanceof PickleValue.Sequence pairs ? ofPairs(pairs) : null;
    }

    private @Nullable PickleValue ofPairs(PickleValue.Sequence pairs) {
        PickleValue.Mapping mapping = PickleValue.Mapping.empty();
        site.charge(pairs.items().size());
        for (PickleValue pair : pairs.items()) {
            List<PickleValue> both = pair instanceof PickleValue.Sequence list
                    ? list.items()
                    : pair instanceof PickleValue.Tuple tuple ? tuple.items() : List.of();
            if (both.size() != 2) {
                return null;
            }
            mapping.entries().put(key(both.get(0)), both.get(1));
        }
        return mapping;
    }

    private static @Nullable PickleValue sequence(List<PickleValue> arguments) {
        if (arguments.isEmpty()) {
            return PickleValue.Sequence.empty();
        }
        return arguments.size() == 1 && arguments.get(0) instanceof PickleValue.Sequence list ? list : null;
    }

    /** (rebuilder, type, arguments, state): a tensor or a parameter with attributes, which nobody needs. */
    private @Nullable PickleValue fromType(List<PickleValue> items) {
        boolean known = items.size() == 4
                && items.get(0) instanceof PickleValue.Global rebuilder
                && switch (rebuilder.role()) {
                    case TENSOR, TYPED_TENSOR, PARAMETER -> true;
                    default -> false;
                };
        return known ? make(items.get(0), items.get(2), true) : null;
    }

    /** Fills an instance from its state. Attributes of anything but a container of keys are of no interest. */
    void build(PickleValue object, PickleValue state) {
        if (object instanceof PickleValue.Mapping mapping && mapping.entries().isEmpty()) {
            if (state instanceof PickleValue.Mapping attributes) {
                site.charge(attributes.entries().size());
                mapping.entries().putAll(attributes.entries());
            }
        } else if (object instanceof PickleValue.Scalar || object instanceof PickleValue.Global) {
            throw site.fault("gives attributes to a value of kind " + object.kind());
        }
    }

    /** The text under which a dictionary keeps a key; one that has to be made counts by its length. */
    String key(PickleValue key) {
        if (key instanceof PickleValue.Scalar scalar) {
            return checkedKey(String.valueOf(scalar.value()), scalar.value() instanceof String);
        }
        if (key instanceof PickleValue.Global global) {
            return global.name();
        }
        if (key instanceof PickleValue.Tuple tuple
                && tuple.items().stream().allMatch(PickleValue.Scalar.class::isInstance)
                && tuple.items().size() <= 8) {
            return checkedKey(tuple.items().stream().map(this::key).toList().toString(), false);
        }
        throw site.fault("a dictionary key of kind " + key.kind());
    }

    private String checkedKey(String key, boolean isShared) {
        if (key.length() > ReadLimit.WEIGHT_NAME_CHARACTERS.most()) {
            throw site.fault("a key of " + key.length() + " characters: " + ReadLimit.WEIGHT_NAME_CHARACTERS.told());
        }
        if (!isShared) {
            site.charge(1 + key.length() / CHARACTERS_OF_A_VALUE);
        }
        return key;
    }

    /** What a persistent id stands for: {@code ('storage', type, key, location, elements)}. */
    PickleValue.Storage storage(PickleValue id) {
        if (id instanceof PickleValue.Tuple tuple
                && (tuple.items().size() == 5 || tuple.items().size() == 6)) {
            List<PickleValue> items = tuple.items();
            if (text(items.get(0)).equals("storage")
                    && items.get(1) instanceof PickleValue.Global type
                    && items.get(4) instanceof PickleValue.Scalar count
                    && count.value() instanceof Long elements
                    && elements >= 0
                    && elements <= PickleValue.Storage.MAX_ELEMENTS
                    && (items.size() == 5 || items.get(5).equals(PickleValue.Scalar.NONE))) {
                return new PickleValue.Storage(text(items.get(2)), storageType(type), elements);
            }
        }
        throw site.fault("a persistent id of kind " + id.kind() + " that is no storage as PyTorch writes it");
    }

    private DataType storageType(PickleValue.Global global) {
        if (global.role() == AllowedGlobal.Role.UNTYPED_STORAGE) {
            return DataType.U8;
        }
        return DataType.findTorch(global.role() == AllowedGlobal.Role.STORAGE ? global.name() : "")
                .orElseThrow(() -> site.fault("a storage of type " + global.name()));
    }

    private static String text(PickleValue value) {
        return value instanceof PickleValue.Scalar scalar && scalar.value() instanceof String text ? text : "";
    }

    static String kinds(List<PickleValue> values) {
        String shown = String.join(
                ", ", values.stream().limit(8).map(PickleValue::kind).toList());
        return values.size() > 8 ? shown + ", ..." : shown;
    }
}
