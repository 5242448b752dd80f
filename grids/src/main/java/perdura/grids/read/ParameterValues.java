package perdura.grids.read;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;

/** Reads values of parameters by their types. A wrong one is a problem. */
final class ParameterValues {
    private final ReferenceNames names;
    private final Problems problems;

    /** A value, which may be null. */
    record Value(@Nullable Object get) {}

    ParameterValues(ReferenceNames names, Problems problems) {
        this.names = names;
        this.problems = problems;
    }

    /** The value of a node; nothing if it is wrong. */
    Optional<Value> read(ParameterSchema parameter, SpecNode node, String path) {
        if (node instanceof SpecNode.Scalar scalar && scalar.isNull()) {
            if (parameter.isNullable()) {
                return Optional.of(new Value(null));
            }
            return wrong(node, path, "expected " + expected(parameter.type()) + ", was nothing");
        }
        return read(parameter.type(), node, path).map(value -> new Value(value));
    }

    /** A number that was computed, as a value of a parameter; nothing if it does not fit. */
    static Optional<Object> convert(ParameterSchema parameter, double number) {
        Object value =
                parameter.type() instanceof ParameterType.Whole ? (Object) (long) number : (Object) (number + 0.0);
        return Optional.of(value).filter(parameter::contains);
    }

    /** "must be >= 1", "must be > 0 and < 1", for numbers out of range. */
    static String rule(ParameterType type) {
        if (type instanceof ParameterType.Whole whole) {
            boolean isOpen = whole.most() == ParameterType.Whole.GREATEST;
            return "must be an integer "
                    + (isOpen ? ">= " + whole.least() : "from " + whole.least() + " to " + whole.most());
        }
        if (type instanceof ParameterType.Real real) {
            return new Interval(real.low(), real.hasLow(), real.high(), real.hasHigh()).rule();
        }
        return "expected " + expected(type);
    }

    private Optional<Object> read(ParameterType type, SpecNode node, String path) {
        if (type instanceof ParameterType.ListOf list) {
            return list(list, node, path);
        }
        if (!(node instanceof SpecNode.Scalar scalar) || scalar.isNull()) {
            return wrong(node, path, "expected " + expected(type) + ", was " + node.kind());
        }
        Optional<Object> value = scalar(type, scalar);
        if (value.isEmpty()) {
            if (type instanceof ParameterType.Word word) {
                Optional<String> nearest = Nearest.find(scalar.text(), word.words());
                if (nearest.isPresent()) {
                    return wrong(node, path, "is " + node.kind() + "; did you mean '" + nearest.get() + "'?");
                }
            }
            return wrong(node, path, "expected " + expected(type) + ", was " + node.kind());
        }
        if (!type.contains(value.get())) {
            return wrong(node, path, rule(type) + ", was " + node.kind());
        }
        return type instanceof ParameterType.Reference reference ? known(reference, node, value.get(), path) : value;
    }

    private static Optional<Object> scalar(ParameterType type, SpecNode.Scalar scalar) {
        if (type instanceof ParameterType.Whole) {
            return Fields.integer(scalar).map(value -> value);
        }
        if (type instanceof ParameterType.Real) {
            return Fields.number(scalar).map(value -> value + 0.0); // one zero only
        }
        if (type instanceof ParameterType.Flag) {
            return Optional.of(Fields.plain(scalar))
                    .filter(text -> text.equals("true") || text.equals("false"))
                    .map(Boolean::valueOf);
        }
        return Optional.<Object>of(scalar.text()).filter(type::contains);
    }

    private Optional<Object> known(ParameterType.Reference reference, SpecNode node, Object value, String path) {
        String name = (String) value;
        if (names.findDigest(reference.kind(), name).isPresent()) {
            return Optional.of(value);
        }
        Collection<String> known = names.known(reference.kind());
        return wrong(
                node,
                path,
                "'" + name + "' is no " + reference.kind().meaning().replaceFirst("^an? ", "")
                        + (known.isEmpty() ? "; there is none" : Nearest.suggestion(name, known)));
    }

    private Optional<Object> list(ParameterType.ListOf type, SpecNode node, String path) {
        if (!(node instanceof SpecNode.Sequence sequence)) {
            return wrong(node, path, "expected " + expected(type) + ", was " + node.kind());
        }
        if (sequence.items().size() < type.least() || sequence.items().size() > type.most()) {
            return wrong(
                    node,
                    path,
                    "expected " + expected(type) + ", has " + sequence.items().size());
        }
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < sequence.items().size(); i++) {
            read(type.element(), sequence.items().get(i), path + "[" + i + "]").ifPresent(values::add);
        }
        return values.size() == sequence.items().size() ? Optional.of(List.copyOf(values)) : Optional.empty();
    }

    private static String expected(ParameterType type) {
        if (type instanceof ParameterType.Whole) {
            return "an integer";
        }
        if (type instanceof ParameterType.Real) {
            return "a number";
        }
        if (type instanceof ParameterType.Flag) {
            return "true or false";
        }
        if (type instanceof ParameterType.Word word) {
            return "one of " + String.join(", ", word.words());
        }
        if (type instanceof ParameterType.Reference reference) {
            return "the name or the digest of " + reference.kind().meaning();
        }
        ParameterType.ListOf list = (ParameterType.ListOf) type;
        String size = list.least() == list.most() ? String.valueOf(list.least()) : list.least() + " to " + list.most();
        return "a list of " + size + " values, each " + expected(list.element());
    }

    private <T> Optional<T> wrong(SpecNode node, String path, String fault) {
        problems.add(node.place(), path, fault);
        return Optional.empty();
    }
}
