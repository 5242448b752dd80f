package perdura.grids.spec;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One parameter of a task.
 *
 * @param path words joined by dots, for instance {@code optimizer.weightDecay}
 * @param isRequired whether a sweep must give it
 * @param isNullable whether null is a value of it
 * @param defaultValue what it is where a sweep does not give it; null if it is required
 * @param meaning for people: a line of text
 * @param formerPath what it was called once, which is a fault now that tells this path; null if it was always called so
 * @param isReplicate whether its values repeat one experiment, as a fold or a seed do: results are means over them
 */
public record ParameterSchema(
        String path,
        ParameterType type,
        boolean isRequired,
        boolean isNullable,
        @Nullable Object defaultValue,
        String meaning,
        @Nullable String formerPath,
        boolean isReplicate) {
    private static final Pattern PATH = Pattern.compile("[a-z][A-Za-z0-9]*(\\.[a-z][A-Za-z0-9]*)*");

    public ParameterSchema {
        defaultValue = plain(defaultValue);
        if (!PATH.matcher(path).matches()) {
            throw new IllegalArgumentException("a parameter's path is words joined by dots, was " + path);
        }
        if (!isRequired && !(defaultValue == null ? isNullable : type.contains(defaultValue))) {
            throw new IllegalArgumentException(path + " can't have the default " + defaultValue);
        }
    }

    /** A parameter that a sweep must give. */
    public static ParameterSchema required(String path, ParameterType type, String meaning) {
        return new ParameterSchema(path, type, true, false, null, meaning, null, false);
    }

    /** A parameter with a default. */
    public static ParameterSchema optional(String path, ParameterType type, Object defaultValue, String meaning) {
        return new ParameterSchema(path, type, false, false, defaultValue, meaning, null, false);
    }

    /** A parameter that may be null, which its default is. */
    public static ParameterSchema nullable(String path, ParameterType type, String meaning) {
        return new ParameterSchema(path, type, false, true, null, meaning, null, false);
    }

    /** The same parameter, which was called differently once. */
    public ParameterSchema formerly(String otherPath) {
        return new ParameterSchema(path, type, isRequired, isNullable, defaultValue, meaning, otherPath, isReplicate);
    }

    /** The same parameter, whose values repeat one experiment: a fold, or the seed of something. */
    public ParameterSchema replicate() {
        return new ParameterSchema(path, type, isRequired, isNullable, defaultValue, meaning, formerPath, true);
    }

    /** Whether a value is right for it. */
    public boolean contains(@Nullable Object value) {
        return value == null ? isNullable : type.contains(value);
    }

    private static @Nullable Object plain(@Nullable Object value) {
        if (value instanceof Integer number) {
            return number.longValue();
        }
        if (value instanceof List<?> list) {
            return list.stream().map(ParameterSchema::plain).toList();
        }
        return value;
    }
}
