package perdura.experiments.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import perdura.experiments.reference.TrialReferences;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.ObjectiveSpec;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.TaskSchema;
import perdura.grids.spec.TrialKey;
import perdura.grids.spec.TrialSpec;
import perdura.training.tasks.Task;

/** Looks before anything starts whether data sets, encoders and parameters of a sweep fit together. */
public final class SweepCheck {
    /** Combinations that are looked at: those of a hand-written grid. */
    private static final int MOST = 1_000;

    private final String source;
    private final TrialMaker maker;
    private final Task task;
    private final TrialReferences references;
    private final SweepPretrainings pretrainings;

    /** @param source names the sweep's file in messages */
    public SweepCheck(
            String source, TrialMaker maker, Task task, TrialReferences references, SweepPretrainings pretrainings) {
        this.source = source;
        this.maker = maker;
        this.task = task;
        this.references = references;
        this.pretrainings = pretrainings;
    }

    /**
     * Looks at what a file alone tells: whether every point reports what the sweep asks for.
     *
     * @throws PerduraException INVALID_SPEC with all that does not fit, each on a line of its own
     */
    public static void checkFile(String source, Task task, SweepExpansion expansion) {
        Set<List<Object>> seen = new HashSet<>();
        Set<String> faults = new LinkedHashSet<>();
        TrialMaker.Labels labels = new TrialMaker.Labels(expansion.spec());
        long seed = expansion.spec().points().seeds().get(0);
        for (Iterator<Parameters> points = expansion.points(); points.hasNext() && seen.size() < MOST; ) {
            TrialSpec trial = new TrialSpec(task.schema().name(), task.schema().version(), points.next(), seed);
            if (seen.add(decisive(trial.parameters(), task.schema()))) {
                findLackingMetric(source, task, expansion.spec().objective(), trial, labels)
                        .ifPresent(faults::add);
            }
        }
        throwIfAny(faults);
    }

    /** @throws PerduraException INVALID_SPEC with all that does not fit, each on a line of its own */
    public void check(SweepExpansion expansion) {
        Set<List<Object>> seen = new HashSet<>();
        Set<String> faults = new LinkedHashSet<>();
        long seed = expansion.spec().points().seeds().get(0);
        checkPretrainings(expansion, seed, faults);
        throwIfAny(faults);
        TrialMaker.Labels labels = new TrialMaker.Labels(expansion.spec());
        for (Iterator<Parameters> points = expansion.points(); points.hasNext() && seen.size() < MOST; ) {
            TrialSpec trial = new TrialSpec(task.schema().name(), task.schema().version(), points.next(), seed);
            if (seen.add(decisive(trial.parameters(), task.schema()))) {
                Optional<String> lacking =
                        findLackingMetric(source, task, expansion.spec().objective(), trial, labels);
                if (lacking.isPresent()) {
                    faults.add(lacking.get());
                    continue;
                }
                try {
                    task.check(references.input(maker.resolve(trial), task.schema(), pretrainings::planned));
                } catch (PerduraException e) {
                    faults.add(String.valueOf(e.getMessage()));
                }
            }
        }
        throwIfAny(faults);
    }

    private static void throwIfAny(Set<String> faults) {
        if (!faults.isEmpty()) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, String.join(System.lineSeparator(), faults));
        }
    }

    /** Each costs hours: so all are looked at, and none is to be judged twice by the same trial. */
    private void checkPretrainings(SweepExpansion expansion, long seed, Set<String> faults) {
        Map<TrialKey, String> labels = new HashMap<>();
        for (Iterator<Parameters> points = expansion.points(); points.hasNext(); ) {
            TrialSpec trial = new TrialSpec(task.schema().name(), task.schema().version(), points.next(), seed);
            if (task.pretraining(trial).isEmpty()) {
                return;
            }
            String point = maker.label(trial);
            try {
                String other = labels.putIfAbsent(maker.key(trial), point);
                if (other != null) {
                    faults.add(source + ": point " + point + ": is the same trial as point " + other
                            + ", as what is left out is the profile's or the task's; take one of them out");
                }
            } catch (PerduraException e) {
                String.valueOf(e.getMessage())
                        .lines()
                        .forEach(line -> faults.add(source + ": point " + point + ": " + line));
            }
        }
    }

    /** Each metric is one of the task's; which of them a trial reports may depend on its parameters. */
    private static Optional<String> findLackingMetric(
            String source, Task task, ObjectiveSpec objective, TrialSpec trial, TrialMaker.Labels labels) {
        List<String> reported = task.metrics(trial);
        List<String> wanted = new ArrayList<>(objective.report());
        wanted.add(0, objective.metric());
        return wanted.stream()
                .filter(metric -> !reported.contains(metric))
                .findFirst()
                .map(metric -> source + ": objective: point " + labels.of(trial) + " reports no " + metric
                        + "; it reports " + String.join(", ", reported));
    }

    /** The values on which a fit may depend: a rate or a decay fits everything, a share of the data may be too small. */
    private static List<Object> decisive(Parameters parameters, TaskSchema schema) {
        List<Object> values = new ArrayList<>();
        for (ParameterSchema parameter : schema.parameters()) {
            if (!(parameter.type() instanceof ParameterType.Real real) || real.high() <= 1) {
                values.add(String.valueOf(parameters.value(parameter.path())));
            }
        }
        return values;
    }
}
