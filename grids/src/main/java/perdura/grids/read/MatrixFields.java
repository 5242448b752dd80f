package perdura.grids.read;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import perdura.grids.codec.Place;
import perdura.grids.codec.PlainValue;
import perdura.grids.codec.Problems;
import perdura.grids.codec.Reading;
import perdura.grids.codec.SpecNode;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.SweepSpec.SweepAxis;
import perdura.grids.spec.TaskSchema;

/** Reads the axes of a matrix. An axis with a problem is left out, and its path is remembered. */
final class MatrixFields {
    static final String SEEDS = "seeds";
    private static final List<String> FORMS = List.of("values", "range", "logRange");
    private static final List<String> KEYS = List.of("values", "range", "logRange", "when");
    private static final String EXPECTED =
            "a list of values, or a mapping with one of values, range: [from, to, step], logRange: [from, to, count]";

    private final TaskSchema task;
    private final Reading at;
    private final Problems problems;
    private final Map<String, List<@Nullable Object>> valuesByPath = new LinkedHashMap<>();
    private final Map<String, SpecNode> conditions = new LinkedHashMap<>();
    private final Set<String> wrong = new LinkedHashSet<>();

    /** @param at the whole sweep */
    MatrixFields(TaskSchema task, Reading at) {
        this.task = task;
        this.at = at;
        this.problems = at.problems();
    }

    /** The axes in the order of the file. */
    List<SweepAxis> read(SpecNode.Mapping matrix) {
        Map<String, SpecNode.Mapping.Entry> entries =
                ParameterNodes.of(task, problems).read(matrix, "matrix", SEEDS::equals);
        entries.forEach((path, entry) -> readAxis(parameter(path), entry.value(), "matrix." + path));
        List<SweepAxis> axes = new ArrayList<>();
        valuesByPath.forEach((path, own) -> axes.add(new SweepAxis(path, own, when(path, entries.keySet()))));
        removeCircles(axes);
        while (axes.stream().anyMatch(this::looksAtWrong)) {
            axes.stream().filter(this::looksAtWrong).forEach(axis -> wrong.add(axis.path()));
        }
        axes.removeIf(axis -> wrong.contains(axis.path()));
        return axes;
    }

    /** The paths of axes that have a problem. */
    Set<String> wrong() {
        return wrong;
    }

    private boolean looksAtWrong(SweepAxis axis) {
        return !wrong.contains(axis.path()) && axis.when().keySet().stream().anyMatch(wrong::contains);
    }

    private ParameterSchema parameter(String path) {
        return task.find(path).orElseThrow();
    }

    private void readAxis(ParameterSchema parameter, SpecNode node, String path) {
        int faults = problems.count();
        List<@Nullable Object> own = axisValues(parameter, node, path);
        if (problems.count() > faults) {
            wrong.add(parameter.path());
        }
        if (!own.isEmpty()) {
            valuesByPath.put(parameter.path(), own);
        }
    }

    private List<@Nullable Object> axisValues(ParameterSchema parameter, SpecNode node, String path) {
        if (node instanceof SpecNode.Sequence list) {
            return listed(parameter, list, path);
        }
        if (!(node instanceof SpecNode.Mapping mapping)) {
            problems.expected(node, path, EXPECTED);
            return List.of();
        }
        mapping.find("when").ifPresent(condition -> conditions.put(parameter.path(), condition));
        List<String> forms = FORMS.stream()
                .filter(form -> mapping.find(form).filter(own -> !own.isNull()).isPresent())
                .toList();
        for (Map.Entry<String, SpecNode.Mapping.Entry> entry : mapping.entries().entrySet()) {
            if (!KEYS.contains(entry.getKey())) { // where the form itself is misspelt, this tells it
                problems.add(
                        entry.getValue().keyPlace(),
                        path + "." + entry.getKey(),
                        "unknown key" + Nearest.suggestion(entry.getKey(), KEYS));
            }
        }
        if (forms.size() > 1) {
            forms.subList(1, forms.size())
                    .forEach(form -> problems.add(
                            mapping.find(form).orElse(mapping),
                            path + "." + form,
                            "can't stand beside " + path + "." + forms.get(0) + "; leave one of the two out"));
        } else if (forms.isEmpty() && KEYS.containsAll(mapping.entries().keySet())) {
            problems.add(node, path, "has no values; expected " + EXPECTED);
        } else if (!forms.isEmpty()) {
            return formed(parameter, forms.get(0), mapping.find(forms.get(0)).orElseThrow(), path);
        }
        return List.of();
    }

    private List<@Nullable Object> formed(ParameterSchema parameter, String form, SpecNode node, String path) {
        String own = path + "." + form;
        if (form.equals("values")) {
            if (node instanceof SpecNode.Sequence list) {
                return listed(parameter, list, own);
            }
            problems.expected(node, own, "a list of values");
            return List.of();
        }
        NumberRange range = new NumberRange(parameter, node, own, problems);
        List<Object> numbers = form.equals("range") ? range.linear() : range.logarithmic();
        Set<Object> distinct = new LinkedHashSet<>();
        for (Object number : numbers) {
            if (!distinct.add(number)) {
                problems.add(node, own, "gives " + number + " twice; use fewer steps");
                break;
            }
        }
        return new ArrayList<>(distinct);
    }

    private List<@Nullable Object> listed(ParameterSchema parameter, SpecNode.Sequence list, String path) {
        if (list.items().isEmpty()) {
            problems.add(list, path, "is empty; give at least one value, or leave the axis out");
        }
        List<@Nullable Object> own = new ArrayList<>();
        Map<@Nullable Object, Place> places = new HashMap<>();
        for (int i = 0; i < list.items().size(); i++) {
            SpecNode item = list.items().get(i);
            Optional<PlainValue> value =
                    PlainValue.read(parameter, item, at.below(path).item(i));
            if (value.isEmpty()) {
                continue;
            }
            Place earlier = places.putIfAbsent(value.get().get(), item.place());
            if (earlier == null) {
                own.add(value.get().get());
            } else {
                problems.add(item, path + "[" + i + "]", "comes twice, first at " + earlier + "; keep one");
            }
        }
        return own;
    }

    private Map<String, List<@Nullable Object>> when(String path, Set<String> axes) {
        SpecNode condition = conditions.get(path);
        if (condition == null) {
            return Map.of();
        }
        String home = "matrix." + path + ".when";
        int faults = problems.count();
        Map<String, List<@Nullable Object>> when = new LinkedHashMap<>();
        if (condition instanceof SpecNode.Mapping mapping) {
            new ParameterNodes(axes, "axis", problems)
                    .read(mapping, home)
                    .forEach((other, entry) ->
                            when.put(other, conditionValues(other, entry.value(), home + "." + other)));
        } else {
            problems.expected(condition, home, "a mapping of an axis to a value or a list of values");
        }
        if (problems.count() > faults) {
            wrong.add(path);
        }
        when.keySet().retainAll(valuesByPath.keySet());
        return when;
    }

    private List<@Nullable Object> conditionValues(String axis, SpecNode node, String path) {
        boolean isList = node instanceof SpecNode.Sequence && !(parameter(axis).type() instanceof ParameterType.ListOf);
        List<SpecNode> items = isList ? ((SpecNode.Sequence) node).items() : List.of(node);
        List<@Nullable Object> own = new ArrayList<>();
        for (SpecNode item : items) {
            PlainValue.read(parameter(axis), item, at.below(path)).ifPresent(value -> {
                if (own.contains(value.get())) {
                    problems.add(item, path, "has " + item.kind() + " twice; keep one");
                    return;
                }
                own.add(value.get());
                boolean isThere = valuesByPath.getOrDefault(axis, List.of()).contains(value.get());
                if (!isThere && !wrong.contains(axis)) {
                    problems.add(item, path, "is " + item.kind() + ", which the axis " + axis + " never is");
                }
            });
        }
        if (items.isEmpty()) {
            problems.add(node, path, "is empty; give at least one value of the axis " + axis);
        }
        return own;
    }

    /** An axis that looks, over others, at itself. */
    private void removeCircles(List<SweepAxis> axes) {
        Map<String, SweepAxis> byPath = new HashMap<>();
        axes.forEach(axis -> byPath.put(axis.path(), axis));
        Set<String> told = new LinkedHashSet<>();
        for (SweepAxis axis : axes) {
            Set<String> seen = new LinkedHashSet<>();
            List<String> open = new ArrayList<>(axis.when().keySet());
            while (!open.isEmpty()) {
                String next = open.remove(open.size() - 1);
                if (seen.add(next)) {
                    open.addAll(Objects.requireNonNull(byPath.get(next)).when().keySet());
                }
            }
            if (seen.contains(axis.path())) {
                if (told.stream().noneMatch(seen::contains)) {
                    SpecNode node = Objects.requireNonNull(conditions.get(axis.path()));
                    problems.add(
                            node,
                            "matrix." + axis.path() + ".when",
                            "goes in a circle: " + axis.path() + " depends on itself");
                }
                told.add(axis.path());
                wrong.add(axis.path());
            }
        }
    }
}
