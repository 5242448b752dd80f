package perdura.training.weights.file;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.training.checkpoint.DataType;

/** What a pickle's values become: data without behaviour. Nothing of a pickle is ever looked up, imported or called. */
sealed interface PickleValue {
    /** What it is, for messages; never its content. */
    String kind();

    /** None, a boolean, a number, a text, bytes. */
    record Scalar(String kind, Object value) implements PickleValue {
        static final Scalar NONE = new Scalar("None", "None");

        static Scalar of(boolean value) {
            return new Scalar("bool", value);
        }

        static Scalar of(long value) {
            return new Scalar("int", value);
        }

        static Scalar of(String value) {
            return new Scalar("str", value);
        }
    }

    /** A list, or a set in the order of the file. */
    record Sequence(List<PickleValue> items) implements PickleValue {
        static Sequence empty() {
            return new Sequence(new ArrayList<>());
        }

        @Override
        public String kind() {
            return "list";
        }
    }

    /** A tuple, never changed. */
    record Tuple(List<PickleValue> items) implements PickleValue {
        public Tuple {
            items = List.copyOf(items);
        }

        @Override
        public String kind() {
            return "tuple";
        }
    }

    /** A dictionary, or the attributes of a container that may stand in a file; keys as texts. */
    record Mapping(Map<String, PickleValue> entries) implements PickleValue {
        static Mapping empty() {
            return new Mapping(new LinkedHashMap<>());
        }

        @Override
        public String kind() {
            return "dict";
        }
    }

    /** A name of the allow-list. */
    record Global(String name, AllowedGlobal.Role role) implements PickleValue {
        @Override
        public String kind() {
            return name;
        }
    }

    /** Something of the allow-list whose content nobody needs: a device, a NumPy number. */
    record Opaque(String kind) implements PickleValue {}

    /**
     * A storage, to be found in the file by its key.
     *
     * @param elements of the type, at most {@link #MAX_ELEMENTS}
     */
    record Storage(String key, DataType type, long elements) implements PickleValue {
        /** Beyond any file, and such that its bytes can be counted. */
        static final long MAX_ELEMENTS = 1L << 56;

        long sizeBytes() {
            return elements * type.sizeBytes();
        }

        @Override
        public String kind() {
            return "storage";
        }
    }

    /** A view of a storage; offset and strides in elements of {@code type}. */
    record TensorView(Storage storage, DataType type, long offset, List<Long> shape, List<Long> strides)
            implements PickleValue {
        @Override
        public String kind() {
            return "tensor";
        }
    }
}
