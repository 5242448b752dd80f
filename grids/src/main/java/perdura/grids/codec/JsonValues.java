package perdura.grids.codec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Turns nodes without types of their own into values of JSON: what somebody else will read. A plain value that versions of
 * YAML read in different ways ({@code yes}, {@code 012}, {@code 0x1F}, {@code .inf}) is a problem.
 */
final class JsonValues {
    private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]*)");
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final Set<Tag> AMBIGUOUS = Set.of(Tag.BOOL, Tag.INT, Tag.FLOAT);
    /** The greatest integer that canonical JSON keeps exactly. */
    private static final double GREATEST = 0x1p53 - 1;

    private final Problems problems;
    private final Resolver resolver = new Resolver();

    JsonValues(Problems problems) {
        this.problems = problems;
    }

    /** @param path of the mapping, for messages */
    Map<String, @Nullable Object> map(SpecNode.Mapping mapping, String path) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        mapping.entries().forEach((key, entry) -> {
            checkText(key, entry.keyPlace(), path);
            map.put(key, value(entry.value(), path + "." + key));
        });
        return map;
    }

    private @Nullable Object value(SpecNode node, String path) {
        if (node instanceof SpecNode.Mapping mapping) {
            return map(mapping, path);
        }
        if (node instanceof SpecNode.Sequence sequence) {
            List<@Nullable Object> list = new ArrayList<>();
            sequence.items().forEach(item -> list.add(value(item, path + "[" + list.size() + "]")));
            return list;
        }
        return scalar((SpecNode.Scalar) node, path);
    }

    private @Nullable Object scalar(SpecNode.Scalar scalar, String path) {
        String text = scalar.text();
        if (scalar.isNull()) {
            return null;
        }
        checkText(text, scalar.place(), path);
        if (scalar.isQuoted()) {
            return text;
        }
        if (text.equals("true") || text.equals("false")) {
            return Boolean.valueOf(text);
        }
        if (NUMBER.matcher(text).matches()) {
            return number(scalar, path);
        }
        if (AMBIGUOUS.contains(resolver.resolve(NodeId.scalar, text, true))) {
            problems.add(
                    scalar,
                    path,
                    "is " + text + ", which is no value of JSON; put it in quotes if it is a text, else write true,"
                            + " false or a decimal number");
        }
        return text;
    }

    private void checkText(String text, Place place, String path) {
        if (!StreamReader.isPrintable(text)) {
            problems.add(place, path, "must not hold control characters besides tabs and ends of lines");
        }
    }

    /** JSON makes no difference between 1 and 1.0. */
    private @Nullable Object number(SpecNode.Scalar scalar, String path) {
        double value = Double.parseDouble(scalar.text());
        boolean isWhole = value == Math.rint(value) && Math.abs(value) <= GREATEST;
        if (Double.isInfinite(value)
                || (!isWhole && INTEGER.matcher(scalar.text()).matches())) {
            problems.add(
                    scalar,
                    path,
                    "is " + scalar.text() + ", which JSON does not keep exactly; put it in quotes as a text");
            return null;
        }
        return isWhole ? (Object) (long) value : (Object) value;
    }
}
