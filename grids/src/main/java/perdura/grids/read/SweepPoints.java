package perdura.grids.read;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.SweepAxis;
import perdura.grids.spec.TaskSchema;

/** Reads what says which points a sweep has: base, matrix, include, exclude, constraints. */
final class SweepPoints {
    private final Fields root;
    private final Place start;
    private final TaskSchema task;
    private final ParameterValues values;
    private final Problems problems;
    private final Set<String> wrong = new HashSet<>();
    private final List<CelConstraint> constraints = new ArrayList<>();
    private final List<Included> include = new ArrayList<>();
    private final List<Parameters> exclude = new ArrayList<>();
    private Parameters base = Parameters.none();
    private List<SweepAxis> axes = List.of();
    private List<Long> seeds = List.of(0L);
    private boolean isWhole;

    /** An entry of {@code include}. */
    record Included(Place place, String path, Parameters parameters) {}

    /** @param start the document's place, to report what is missing */
    SweepPoints(Fields root, Place start, TaskSchema task, ReferenceNames names, Problems problems) {
        this.root = root;
        this.start = start;
        this.task = task;
        this.values = new ParameterValues(names, problems);
        this.problems = problems;
    }

    void read() {
        int faults = problems.count();
        base = parameters(root.mapping("base"), "base", wrong);
        SpecNode.Mapping matrix = root.mapping("matrix");
        MatrixFields fields = new MatrixFields(task, values, problems);
        axes = fields.read(matrix);
        wrong.addAll(fields.wrong());
        axes = inOrder();
        SpecNode.Mapping.Entry seedEntry = matrix.entries().get(MatrixFields.SEEDS);
        if (seedEntry != null) {
            seeds = SeedFields.read(seedEntry.value(), problems);
        }
        readInclude();
        readExclude();
        checkRequired();
        readConstraints();
        isWhole = problems.count() == faults;
    }

    Parameters base() {
        return base;
    }

    List<SweepAxis> axes() {
        return axes;
    }

    List<Long> seeds() {
        return seeds;
    }

    List<Parameters> include() {
        return include.stream().map(Included::parameters).toList();
    }

    List<Included> included() {
        return include;
    }

    List<Parameters> exclude() {
        return exclude;
    }

    List<CelConstraint> constraints() {
        return constraints;
    }

    List<String> constraintTexts() {
        return constraints.stream().map(CelConstraint::text).toList();
    }

    /** Whether nothing was wrong, so that the points are those that the user means. */
    boolean isWhole() {
        return isWhole;
    }

    /** Whether a parameter has the values that the user means. */
    boolean isRight(String path) {
        return !wrong.contains(path);
    }

    private Parameters parameters(SpecNode.Mapping mapping, String path, Set<String> faulty) {
        TreeMap<String, @Nullable Object> read = new TreeMap<>();
        new ParameterNodes(task.paths(), "parameter of " + task.name(), problems)
                .read(mapping, path)
                .forEach((key, entry) -> values.read(task.find(key).orElseThrow(), entry.value(), path + "." + key)
                        .ifPresentOrElse(value -> read.put(key, value.get()), () -> faulty.add(key)));
        return new Parameters(read);
    }

    private List<SweepAxis> inOrder() {
        Map<String, SweepAxis> left = new LinkedHashMap<>();
        axes.forEach(axis -> left.put(axis.path(), axis));
        List<SweepAxis> ordered = new ArrayList<>();
        List<SpecNode> items = root.items("axisOrder", "a list of all axes");
        if (items.isEmpty()) {
            return axes;
        }
        for (int i = 0; i < items.size(); i++) {
            String path = "axisOrder[" + i + "]";
            if (!(items.get(i) instanceof SpecNode.Scalar scalar)) {
                problems.add(
                        items.get(i).place(),
                        path,
                        "expected an axis, was " + items.get(i).kind());
            } else if (left.containsKey(scalar.text())) {
                ordered.add(left.remove(scalar.text()));
            } else if (ordered.stream().anyMatch(axis -> axis.path().equals(scalar.text()))) {
                problems.add(scalar.place(), path, "comes twice; keep one");
            } else if (!wrong.contains(scalar.text())) {
                problems.add(
                        scalar.place(),
                        path,
                        "is " + scalar.kind() + ", which is no axis"
                                + (left.isEmpty() ? "" : Nearest.suggestion(scalar.text(), left.keySet())));
            }
        }
        root.check(left.isEmpty(), "axisOrder", "must name every axis, lacks " + String.join(", ", left.keySet()));
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
                problems.add(mapping.place(), path, "is the same point as " + earlier + "; keep one");
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
                    .forEach((key, entry) -> values.read(task.find(key).orElseThrow(), entry.value(), path + "." + key)
                            .ifPresent(value -> {
                                read.put(key, value.get());
                                SweepAxis axis = byPath.get(key);
                                if (axis != null && !axis.values().contains(value.get())) {
                                    problems.add(
                                            entry.value().place(),
                                            path + "." + key,
                                            "is " + entry.value().kind() + ", which the axis " + key + " never is");
                                }
                            }));
            if (mapping.entries().isEmpty()) {
                problems.add(mapping.place(), path, "is empty, which would leave every point out");
            }
            if (problems.count() == faults && byPath.keySet().containsAll(read.keySet())) {
                exclude.add(new Parameters(read));
            }
        });
    }

    private void readConstraints() {
        List<SpecNode> items = root.items("constraints", "a list of CEL expressions");
        for (int i = 0; i < items.size(); i++) {
            String path = "constraints[" + i + "]";
            if (items.get(i) instanceof SpecNode.Scalar scalar && !scalar.isNull()) {
                CelConstraint.compile(task, scalar, path, problems).ifPresent(constraints::add);
            } else {
                problems.add(
                        items.get(i).place(),
                        path,
                        "expected a CEL expression like \"batchSize <= 64\", was "
                                + items.get(i).kind());
            }
        }
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
                problems.add(start, "base." + path, "is missing; " + task.name() + " needs it, here or as an axis");
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
        Map<String, SpecNode.Mapping> mappings = new LinkedHashMap<>();
        List<SpecNode> items = root.items(key, "a list of mappings of parameters to values");
        for (int i = 0; i < items.size(); i++) {
            String path = key + "[" + i + "]";
            if (items.get(i) instanceof SpecNode.Mapping mapping) {
                mappings.put(path, mapping);
            } else {
                problems.add(
                        items.get(i).place(),
                        path,
                        "expected a mapping of parameters to values, was "
                                + items.get(i).kind());
            }
        }
        return mappings;
    }
}
