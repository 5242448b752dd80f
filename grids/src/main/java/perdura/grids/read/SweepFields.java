package perdura.grids.read;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.BudgetSpec;
import perdura.grids.spec.EarlyStoppingSpec;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.ObjectiveSpec;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.RetrySpec;
import perdura.grids.spec.StrategySpec;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.TaskSchema;

/** Reads a complete document as a sweep. */
final class SweepFields {
    static final String KIND = "Sweep";

    private static final int GREATEST = 1_000_000_000;

    private final Fields root;
    private final Place start;
    private final Map<String, TaskSchema> tasks = new LinkedHashMap<>();
    private final ReferenceNames names;
    private final Problems problems;

    private enum StrategyKind {
        GRID,
        RANDOM,
        SOBOL
    }

    private enum StoppingKind {
        NONE,
        MEDIAN,
        ASHA
    }

    /** @param document the user's document over its defaults */
    SweepFields(SpecNode.Mapping document, Collection<TaskSchema> tasks, ReferenceNames names, Problems problems) {
        this.root = new Fields(document, problems);
        this.start = document.place();
        tasks.forEach(task -> this.tasks.put(task.name(), task));
        this.names = names;
        this.problems = problems;
    }

    /** The sweep, with harmless values in place of wrong ones, each of which is a problem. */
    SweepExpansion read(long mostTrials) {
        root.text(
                "apiVersion",
                Pattern.compile(Pattern.quote(PretrainFields.API_VERSION)),
                PretrainFields.API_VERSION,
                "");
        root.text("kind", Pattern.compile(KIND), KIND, KIND);
        String name =
                root.text("name", PretrainFields.NAME, "a letter and then at most 59 of a-z, 0-9 and '-'", "unnamed");
        String experiment = root.text(
                "experiment", PretrainFields.EXPERIMENT, "1 to 200 characters without control characters", "unnamed");
        @Nullable TaskSchema known = task();
        TaskSchema task = known == null ? new TaskSchema("unknown", 1, List.of(), List.of("unknown")) : known;
        SweepPoints points = new SweepPoints(root, start, task, names, known == null ? new Problems() : problems);
        points.read();
        Fields strategyFields = root.fields("strategy");
        SweepSpec spec = new SweepSpec(
                name,
                experiment,
                task.name(),
                points.base(),
                points.axes(),
                points.seeds(),
                points.include(),
                points.exclude(),
                points.constraintTexts(),
                strategy(strategyFields),
                objective(root.fields("objective"), known),
                earlyStopping(root.fields("earlyStopping")),
                PretrainFields.resources(root.fields("resources")),
                retry(root.fields("retry")),
                root.choice("onFailure", SweepSpec.OnFailure.values()),
                root.integerOrWord("concurrency", "auto", 0, 1, GREATEST),
                root.integer("priority", 1, 5),
                budget(root.fields("budget")));
        root.refuseOtherKeys();
        SweepChecks checks = new SweepChecks(spec, task, points, problems);
        return checks.run(root.placeOf("matrix"), strategyFields, mostTrials);
    }

    /** Where the name is unknown, the nearest one helps to find further problems; null if there is none. */
    private @Nullable TaskSchema task() {
        String name = root.text("task", "the name of a task");
        if (tasks.containsKey(name) || !root.isRight("task")) {
            return tasks.get(name);
        }
        root.check(
                false,
                "task",
                "there is no task '" + name + "'" + (tasks.isEmpty() ? "" : Nearest.suggestion(name, tasks.keySet())));
        return Nearest.find(name, tasks.keySet()).map(tasks::get).orElse(null);
    }

    private static StrategySpec strategy(Fields fields) {
        StrategyKind kind = fields.choice("kind", StrategyKind.values());
        @Nullable Long count = fields.wholeNumberOrNull("count", 1);
        long seed = fields.wholeNumber("seed", 0, ParameterType.Whole.GREATEST);
        if (kind == StrategyKind.GRID) {
            fields.refuseWith("kind", "grid", List.of("count", "seed"));
        } else {
            fields.checkFit(count != null, "count", "kind", "is missing; say how many points to take");
        }
        fields.refuseOtherKeys();
        long points = count == null ? 1 : count;
        return switch (kind) {
            case GRID -> new StrategySpec.Grid();
            case RANDOM -> new StrategySpec.Random(points, seed);
            case SOBOL -> new StrategySpec.Sobol(points, seed);
        };
    }

    private ObjectiveSpec objective(Fields fields, @Nullable TaskSchema task) {
        String metric = fields.text("metric", "the name of a metric");
        if (task != null) {
            fields.check(task.metrics().contains(metric), "metric", notReported(metric, task));
        }
        fields.text(
                "split",
                Pattern.compile("validation"),
                "validation, as nothing is selected by test data",
                "validation");
        ObjectiveSpec.Goal goal = fields.choice("goal", ObjectiveSpec.Goal.values());
        List<String> report = new ArrayList<>();
        List<SpecNode> items = fields.items("report", "a list of metrics");
        for (int i = 0; i < items.size(); i++) {
            String path = "objective.report[" + i + "]";
            if (!(items.get(i) instanceof SpecNode.Scalar scalar) || scalar.isNull()) {
                problems.add(
                        items.get(i).place(),
                        path,
                        "expected a metric, was " + items.get(i).kind());
            } else if (report.contains(scalar.text())) {
                problems.add(scalar.place(), path, "comes twice; keep one");
            } else if (task != null && !task.metrics().contains(scalar.text())) {
                problems.add(scalar.place(), path, notReported(scalar.text(), task));
            } else {
                report.add(scalar.text());
            }
        }
        fields.refuseOtherKeys();
        return new ObjectiveSpec(metric, goal, report.isEmpty() ? List.of(metric) : report);
    }

    private static String notReported(String metric, TaskSchema task) {
        return "is " + metric + ", which " + task.name() + " does not report"
                + Nearest.suggestion(metric, task.metrics());
    }

    private static EarlyStoppingSpec earlyStopping(Fields fields) {
        StoppingKind kind = fields.choice("kind", StoppingKind.values());
        int minEpochs = fields.integer("minEpochs", 1, GREATEST);
        int minTrials = fields.integer("minTrials", 1, GREATEST);
        @Nullable Long maxEpochs = fields.wholeNumberOrNull("maxEpochs", 1);
        int reduction = fields.integer("reduction", 2, 1000);
        switch (kind) {
            case NONE -> fields.refuseWith("kind", "none", List.of("minEpochs", "minTrials", "maxEpochs", "reduction"));
            case MEDIAN -> fields.refuseWith("kind", "median", List.of("maxEpochs", "reduction"));
            case ASHA -> fields.refuseWith("kind", "asha", List.of("minTrials"));
        }
        if (maxEpochs != null) {
            fields.check(maxEpochs <= GREATEST, "maxEpochs", "must be <= " + GREATEST + ", was " + maxEpochs);
            fields.checkFit(
                    maxEpochs > minEpochs,
                    "maxEpochs",
                    "minEpochs",
                    "must be > minEpochs = " + minEpochs + ", was " + maxEpochs);
        }
        fields.refuseOtherKeys();
        return switch (kind) {
            case NONE -> new EarlyStoppingSpec.None();
            case MEDIAN -> new EarlyStoppingSpec.Median(minEpochs, minTrials);
            case ASHA ->
                new EarlyStoppingSpec.Asha(
                        minEpochs, maxEpochs == null || maxEpochs > GREATEST ? null : maxEpochs.intValue(), reduction);
        };
    }

    private static RetrySpec retry(Fields fields) {
        RetrySpec spec = new RetrySpec(fields.integer("attempts", 1, 1000), fields.duration("backoff"));
        fields.refuseOtherKeys();
        return spec;
    }

    private static BudgetSpec budget(Fields fields) {
        BudgetSpec spec = new BudgetSpec(
                fields.wholeNumberOrNull("trials", 1),
                fields.numberOrNull("gpuHours", Interval.POSITIVE),
                fields.durationOrNull("wallTime"));
        fields.refuseOtherKeys();
        return spec;
    }
}
