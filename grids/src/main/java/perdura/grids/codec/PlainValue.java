package perdura.grids.codec;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Advice;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;

/** A value of a {@link ParameterType}, or null. */
public record PlainValue(@Nullable Object get) {
    private static final Pattern INTEGER = Pattern.compile("[+-]?(0|[1-9][0-9]{0,18})");
    private static final Pattern NUMBER = Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,4})?");

    /** Reads the value of a parameter; nothing if it is wrong, which is a problem. */
    public static Optional<PlainValue> read(ParameterSchema parameter, SpecNode node, Reading at) {
        return node.isNull() && parameter.isNullable()
                ? Optional.of(new PlainValue(null))
                : read(parameter.type(), node, at).map(PlainValue::new);
    }

    /** Reads a value of a type; nothing if it is wrong, which is a problem. */
    static Optional<Object> read(ParameterType type, SpecNode node, Reading at) {
        if (type instanceof ParameterType.ListOf list) {
            return list(list, node, at);
        }
        Optional<Object> value =
                node instanceof SpecNode.Scalar scalar && !scalar.isNull() ? scalar(type, scalar) : Optional.empty();
        if (value.isEmpty()) {
            return wrong(node, at, "expected " + type.expected() + ", was " + node.kind());
        }
        if (type instanceof ParameterType.Word word && !type.contains(value.get())) {
            return wrong(
                    node,
                    at,
                    Nearest.find((String) value.get(), word.words())
                            .map(near -> "is " + node.kind() + "; did you mean '" + near + "'?")
                            .orElse(type.rule() + ", was " + node.kind()));
        }
        if (!type.contains(value.get())) {
            return wrong(node, at, type.rule(value.get()) + ", was " + node.kind());
        }
        return type instanceof ParameterType.Reference reference
                ? known(reference.kind(), node, value.get(), at)
                : value;
    }

    /** A number that was computed, as a value of a parameter; nothing if it does not fit. */
    public static Optional<Object> convert(ParameterSchema parameter, double number) {
        Object value =
                parameter.type() instanceof ParameterType.Whole ? (Object) (long) number : (Object) (number + 0.0);
        return Optional.of(value).filter(parameter::contains);
    }

    /** The integer that a scalar is. */
    public static Optional<Long> integer(SpecNode.Scalar scalar) {
        if (!INTEGER.matcher(scalar.plain()).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Long.valueOf(scalar.text()));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The number that a scalar is; infinite if it is too great. */
    public static Optional<Double> number(SpecNode.Scalar scalar) {
        return NUMBER.matcher(scalar.plain()).matches() ? Optional.of(Double.valueOf(scalar.text())) : Optional.empty();
    }

    private static Optional<Object> scalar(ParameterType type, SpecNode.Scalar scalar) {
        if (type instanceof ParameterType.Whole) {
            return integer(scalar).map(value -> value);
        }
        if (type instanceof ParameterType.Real) {
            return number(scalar).map(value -> value + 0.0); // one zero only
        }
        if (type instanceof ParameterType.Flag) {
            return Optional.of(scalar.plain())
                    .filter(text -> text.equals("true") || text.equals("false"))
                    .map(Boolean::valueOf);
        }
        return Optional.of(scalar.text());
    }

    /** The name itself, whose digest is looked up where it is needed. */
    private static Optional<Object> known(ParameterType.Reference.Kind kind, SpecNode node, Object name, Reading at) {
        if (at.names().findDigest(kind, (String) name).isPresent()) {
            return Optional.of(name);
        }
        Collection<String> known = at.names().known(kind);
        String remedy = !known.isEmpty()
                ? Nearest.suggestion((String) name, known)
                : kind == ParameterType.Reference.Kind.IMPORTED_WEIGHTS
                        ? "; none are imported, " + Advice.WEIGHTS_IMPORT.in("FILE", name) + " does it"
                        : "; there is none";
        return wrong(node, at, kind.missing((String) name) + remedy);
    }

    private static Optional<Object> list(ParameterType.ListOf type, SpecNode node, Reading at) {
        if (!(node instanceof SpecNode.Sequence sequence)) {
            return wrong(node, at, "expected " + type.expected() + ", was " + node.kind());
        }
        int size = sequence.items().size();
        if (size < type.least() || size > type.most()) {
            wrong(node, at, "expected " + type.expected() + ", has " + size);
        }
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            read(type.element(), sequence.items().get(i), at.item(i)).ifPresent(values::add);
        }
        return Optional.<Object>of(List.copyOf(values)).filter(type::contains).filter(list -> values.size() == size);
    }

    private static <T> Optional<T> wrong(SpecNode node, Reading at, String fault) {
        at.fault(node, fault);
        return Optional.empty();
    }
}
