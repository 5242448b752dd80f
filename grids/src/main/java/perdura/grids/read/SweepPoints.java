package perdura.grids.read;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import perdura.grids.codec.Codecs;
import perdura.grids.codec.Field;
import perdura.grids.codec.Field.Part;
import perdura.grids.codec.Place;
import perdura.grids.codec.PlainValue;
import perdura.grids.codec.Problems;
import perdura.grids.codec.Reading;
import perdura.grids.codec.SpecNode;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.ReadLimit;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepSpec.SweepAxis;
import perdura.grids.spec.TaskSchema;

/**
 * The keys that say which points a sweep has: base, matrix, include, exclude, constraints. One of these reads one sweep, and keeps what
 * is asked of its points later.
 */
final class SweepPoints implements Part<SweepSpec.Points> {
    private static final SweepSpec.Points NONE =
            new SweepSpec.Points(Parameters.none(), List.of(), List.of(0L), List.of(), List.of(), List.of());

    private final @Nullable TaskSchema known;
    private final Set<String> wrong = new HashSet<>();
    private final List<CelConstraint> constraints = new ArrayList<>();
    private final List<Included> include = new ArrayList<>();
    private final List<Parameters> exclude = new ArrayList<>();
    private Parameters base = Parameters.none();
    private List<SweepAxis> axes = List.of();
    private boolean isWhole;

    /** An entry of {@code include}. */
    record Included(Place place, String path, Parameters parameters) {}

    /** @param task the sweep's; null if it is not known: then nothing is read */
    SweepPoints(@Nullable TaskSchema task) {
        this.known = task;
    }

    @Override
    public SweepSpec.Points read(SpecNode.Mapping root, Reading at, String prefix) {
        return known == null ? NONE : new Reader(root, at, known).read();
    }

    @Override
    public void write(SweepSpec.Points points, String prefix, boolean isIdentity, Map<String, @Nullable Object> into) {
        into.put("base", points.base().nested());
        into.put("matrix", matrix(points));
        into.put("axisOrder", points.axes().stream().map(SweepAxis::path).toList());
        into.put("include", points.include().stream().map(Parameters::nested).toList());
        into.put("exclude", points.exclude().stream().map(Parameters::nested).toList());
        into.put("constraints", points.constraints());
    }

    private static Map<String, @Nullable Object> matrix(SweepSpec.Points points) {
        Map<String, @Nullable Object> matrix = new LinkedHashMap<>();
        for (SweepAxis axis : points.axes()) {
            Map<String, @Nullable Object> own = new LinkedHashMap<>();
            own.put("values", axis.values());
            if (!axis.when().isEmpty()) {
                own.put("when", axis.when());
            }
            matrix.put(axis.path(), own);
        }
        matrix.put(MatrixFields.SEEDS, points.seeds());
        return matrix;
    }

    @Override
    public void eachField(String prefix, BiConsumer<String, Field<?>> action) {
        add("base", "object", null, "parameters of all trials", action);
        add("matrix", "object", null, "axes: every combination of their values is a point; and `seeds`", action);
        add(
                "axisOrder",
                "array",
                "string",
                "all axes by path, the last one varies fastest; null: as they stand in the matrix",
                action);
        add("include", "array", "object", "further points: the base with these parameters", action);
        add("exclude", "array", "object", "points of the matrix that have all of an entry are left out", action);
        add("constraints", "array", "string", "CEL expressions that hold for every point", action);
    }

    private static void add(
            String key, String type, @Nullable String item, String meaning, BiConsumer<String, Field<?>> action) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", List.of(type, "null"));
        if (item != null) {
            schema.put("items", Map.of("type", item));
        }
        action.accept(key, Field.field(key, Codecs.unread(schema)).means(meaning));
    }

    List<Included> included() {
        return include;
    }

    List<CelConstraint> constraints() {
        return constraints;
    }

    /** Whether nothing was wrong, so that the points are those that the user means. */
    boolean isWhole() {
        return isWhole;
    }

    /** Whether a parameter has the values that the user means. */
    boolean isRight(String path) {
        return !wrong.contains(path);
    }

    private final class Reader {
        private final SpecNode.Mapping root;
        private final Reading at;
        private final TaskSchema task;
        private final Problems problems;

        Reader(SpecNode.Mapping root, Reading at, TaskSchema task) {
            this.root = root;
            this.at = at;
            this.task = task;
            this.problems = at.problems();
        }

        SweepSpec.Points read() {
            int faults = problems.count();
            base = parameters(mapping("base"), "base", wrong);
            SpecNode.Mapping matrix = mapping("matrix");
            MatrixFields fields = new MatrixFields(task, at);
            axes = fields.read(matrix);
            wrong.addAll(fields.wrong());
            axes = inOrder();
            List<Long> seeds = matrix.find(MatrixFields.SEEDS)
                    .map(node -> SeedFields.read(node, at.below("matrix").below(MatrixFields.SEEDS)))
                    .orElse(List.of(0L));
            readInclude();
            readExclude();
            checkRequired();
            readConstraints();
            isWhole = problems.count() == faults;
            return new SweepSpec.Points(
                    base,
                    axes,
                    seeds,
                    include.stream().map(Included::parameters).toList(),
                    exclude,
                    constraints.stream().map(CelConstraint::text).toList());
        }

        private SpecNode.Mapping mapping(String key) {
            SpecNode node = root.find(key).orElse(root);
            if (node != root && node instanceof SpecNode.Mapping below) {
                return below;
            }
            if (node != root && !node.isNull()) {
                at.below(key).expected(node, "a mapping of keys to values");
            }
            return new SpecNode.Mapping(root.place(), Map.of());
        }

        /** The items of a list, by path. */
        private Map<String, SpecNode> items(String key, String expected) {
            Map<String, SpecNode> items = new LinkedHashMap<>();
            SpecNode node = root.find(key).orElse(root);
            if (node instanceof SpecNode.Sequence list) {
                list.items().forEach(item -> items.put(key + "[" + items.size() + "]", item));
            } else if (node != root && !node.isNull()) {
                at.below(key).expected(node, expected);
            }
            return items;
        }

        private Parameters parameters(SpecNode.Mapping mapping, String path, Set<String> faulty) {
            TreeMap<String, @Nullable Object> read = new TreeMap<>();
            ParameterNodes.of(task, problems)
                    .read(mapping, path)
                    .forEach((key, entry) -> value(key, entry.value(), path)
                            .ifPresentOrElse(value -> read.put(key, value.get()), () -> faulty.add(key)));
            return new Parameters(read);
        }

        private List<SweepAxis> inOrder() {
            Map<String, SweepAxis> left = new LinkedHashMap<>();
            axes.forEach(axis -> left.put(axis.path(), axis));
            List<SweepAxis> ordered = new ArrayList<>();
            Map<String, SpecNode> items = items("axisOrder", "a list of all axes");
            if (items.isEmpty()) {
                return axes;
            }
            each(items, SpecNode.Scalar.class, "an axis").forEach((path, scalar) -> {
                SweepAxis named = left.remove(scalar.text());
                if (named != null) {
                    ordered.add(named);
                } else if (ordered.stream().anyMatch(axis -> axis.path().equals(scalar.text()))) {
                    problems.add(scalar, path, "comes twice; keep one");
                } else if (!wrong.contains(scalar.text())) {
                    String suggestion = left.isEmpty() ? "" : Nearest.suggestion(scalar.text(), left.keySet());
                    problems.add(scalar, path, "is " + scalar.kind() + ", which is no axis" + suggestion);
                }
            });
            if (!left.isEmpty()) {
                problems.add(
                        root.find("axisOrder").orElse(root),
                        "axisOrder",
                        "must name every axis, lacks " + String.join(", ", left.keySet()));
            }
            ordered.addAll(left.values());
            return ordered;
        }

        private void readInclude() {
            Map<Parameters, String> seen = new LinkedHashMap<>();
            eachMapping("include").forEach((path, mapping) -> {
                int faults = problems.count();
                Parameters read = parameters(mapping, path, new HashSet<>());
                if (problems.count() > faults) {
                    return;
                }
                String earlier = seen.putIfAbsent(read.over(base).over(task.defaults()), path);
                if (earlier == null) {
                    include.add(new Included(mapping.place(), path, read));
                } else {
                    problems.add(mapping, path, "is the same point as " + earlier + "; keep one");
                }
            });
        }

        private void readExclude() {
            Map<String, SweepAxis> byPath = new LinkedHashMap<>();
            axes.forEach(axis -> byPath.put(axis.path(), axis));
            Set<String> known = new HashSet<>(byPath.keySet());
            known.addAll(wrong);
            eachMapping("exclude").forEach((path, mapping) -> {
                int faults = problems.count();
                TreeMap<String, @Nullable Object> read = new TreeMap<>();
                new ParameterNodes(known, "axis", problems)
                        .read(mapping, path)
                        .forEach((key, entry) -> value(key, entry.value(), path).ifPresent(value -> {
                            read.put(key, value.get());
                            SweepAxis axis = byPath.get(key);
                            if (axis != null && !axis.values().contains(value.get())) {
                                problems.add(
                                        entry.value(),
                                        path + "." + key,
                                        "is " + entry.value().kind() + ", which the axis " + key + " never is");
                            }
                        }));
                if (mapping.entries().isEmpty()) {
                    problems.add(mapping, path, "is empty, which would leave every point out");
                }
                if (problems.count() == faults && byPath.keySet().containsAll(read.keySet())) {
                    exclude.add(new Parameters(read));
                }
            });
        }

        private void readConstraints() {
            Map<String, SpecNode> items = items("constraints", "a list of CEL expressions");
            if (items.size() > ReadLimit.CEL_CONSTRAINTS.most()) {
                problems.add(
                        items.values().iterator().next(),
                        "constraints",
                        "has " + items.size() + " items: " + ReadLimit.CEL_CONSTRAINTS.told());
                return;
            }
            LongAdder slowNanos = new LongAdder();
            each(items, SpecNode.Scalar.class, "a CEL expression like \"batchSize <= 64\"")
                    .forEach((path, scalar) -> CelConstraint.compile(task, scalar, path, slowNanos, problems)
                            .ifPresent(constraints::add));
        }

        private void checkRequired() {
            boolean hasGrid = !axes.isEmpty() || include.isEmpty();
            Set<String> always = new HashSet<>();
            axes.stream().filter(axis -> axis.when().isEmpty()).forEach(axis -> always.add(axis.path()));
            for (ParameterSchema parameter : task.parameters()) {
                String path = parameter.path();
                if (!parameter.isRequired() || base.values().containsKey(path) || wrong.contains(path)) {
                    continue;
                }
                if (hasGrid && !always.contains(path)) {
                    problems.add(root, "base." + path, "is missing; " + task.name() + " needs it, here or as an axis");
                    wrong.add(path);
                    continue;
                }
                for (Included entry : include) {
                    if (!entry.parameters().values().containsKey(path)) {
                        problems.add(entry.place(), entry.path() + "." + path, "is missing, and the base lacks it too");
                        wrong.add(path);
                    }
                }
            }
        }

        private Map<String, SpecNode.Mapping> eachMapping(String key) {
            Map<String, SpecNode> items = items(key, "a list of mappings of parameters to values");
            return each(items, SpecNode.Mapping.class, "a mapping of parameters to values");
        }

        private <N extends SpecNode> Map<String, N> each(Map<String, SpecNode> items, Class<N> type, String expected) {
            Map<String, N> right = new LinkedHashMap<>();
            items.forEach((path, item) -> {
                if (type.isInstance(item) && !item.isNull()) {
                    right.put(path, type.cast(item));
                } else {
                    problems.expected(item, path, expected);
                }
            });
            return right;
        }

        private Optional<PlainValue> value(String path, SpecNode node, String home) {
            return PlainValue.read(
                    task.find(path).orElseThrow(), node, at.below(home).below(path));
        }
    }
}
