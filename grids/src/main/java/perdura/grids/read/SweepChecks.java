package perdura.grids.read;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import perdura.grids.codec.Place;
import perdura.grids.codec.Problems;
import perdura.grids.codec.SpecNode;
import perdura.grids.spec.Amount;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.SweepExpansion;
import perdura.grids.spec.SweepSpec;
import perdura.grids.spec.SweepSpec.StrategySpec;
import perdura.grids.spec.SweepSpec.SweepAxis;
import perdura.grids.spec.TaskSchema;

/** What is wrong with a sweep as a whole: too many points, or none. */
final class SweepChecks {
    /** Points of a part of the matrix at which a constraint is looked at alone. */
    private static final long MOST_LOOKS = 100_000;

    private static final String COUNT = "strategy.count";

    private final SweepSpec spec;
    private final TaskSchema task;
    private final SweepPoints points;
    private final Problems problems;
    private boolean outOfTime;

    SweepChecks(SweepSpec spec, TaskSchema task, SweepPoints points, Problems problems) {
        this.spec = spec;
        this.task = task;
        this.points = points;
        this.problems = problems;
    }

    SweepExpansion run(SpecNode.Mapping document, long mostTrials) {
        Place matrix = document.find("matrix").orElse(document).place();
        SpecNode strategy = document.find("strategy", "count").orElse(document);
        List<CelConstraint> constraints = List.copyOf(points.constraints());
        Predicate<Parameters> all = point -> {
            for (CelConstraint constraint : constraints) {
                if (!constraint.holds(point)) {
                    return false;
                }
            }
            return true;
        };
        int faults = problems.count();
        if (!checkShape(matrix)) {
            return new SweepExpansion(with(List.of(), spec.points().include()), task, all, new SobolPoints());
        }
        SweepExpansion expansion = new SweepExpansion(spec, task, all, new SobolPoints());
        checkSize(expansion, matrix, strategy, mostTrials);
        constraints.forEach(this::checkAlone);
        checkIncluded(expansion);
        if (points.isWhole() && problems.count() == faults) {
            checkCount(expansion, matrix, strategy);
        }
        return expansion;
    }

    private boolean checkShape(Place matrix) {
        Set<String> parents = new LinkedHashSet<>();
        spec.points().axes().forEach(axis -> parents.addAll(axis.when().keySet()));
        long combinations = 1;
        for (SweepAxis axis : spec.points().axes()) {
            if (!parents.remove(axis.path())) {
                continue;
            }
            combinations *= axis.values().size();
            if (combinations > SweepExpansion.MOST_WHEN_COMBINATIONS) {
                problems.add(
                        matrix,
                        "matrix",
                        "'when' looks at axes that have together more than " + SweepExpansion.MOST_WHEN_COMBINATIONS
                                + " combinations; give them fewer values");
                return false;
            }
        }
        if (spec.strategy() instanceof StrategySpec.Sobol
                && spec.points().axes().size() > SobolPoints.MOST_DIMENSIONS) {
            problems.add(
                    matrix, "matrix", "has more than " + SobolPoints.MOST_DIMENSIONS + " axes, too many for sobol");
            return false;
        }
        return parents.isEmpty(); // an axis that another looks at may have a problem of its own
    }

    private void checkSize(SweepExpansion expansion, Place matrix, SpecNode strategy, long mostTrials) {
        if (expansion.matrixPoints() == Long.MAX_VALUE) {
            problems.add(matrix, "matrix", "has more than 2^62 points; take fewer axes or values");
            return;
        }
        if (!(spec.strategy() instanceof StrategySpec.Grid)) {
            long count = spec.strategy() instanceof StrategySpec.Random random
                    ? random.count()
                    : ((StrategySpec.Sobol) spec.strategy()).count();
            if (points.isWhole()) {
                checkCount(
                        count <= expansion.matrixPoints(),
                        strategy,
                        "must be <= the " + expansion.matrixPoints() + " points of the matrix, was " + count);
            }
        }
        long most = expansion.mostPoints();
        int seeds = spec.points().seeds().size();
        if (most > mostTrials / seeds) {
            problems.add(
                    matrix,
                    "matrix",
                    "makes " + Amount.of(most, "point") + " with " + Amount.of(seeds, "seed") + " each, over "
                            + mostTrials + " trials; take fewer values or 'strategy: {kind: random, count: N}',"
                            + " or allow it with --yes");
        }
    }

    /** Looks at the axes alone that a constraint speaks of, so that a fault elsewhere does not hide one here. */
    private void checkAlone(CelConstraint constraint) {
        if (outOfTime) {
            return; // told once
        }
        Set<String> paths = new LinkedHashSet<>(constraint.parameters());
        List<SweepAxis> own = new ArrayList<>();
        for (int before = -1; before < paths.size(); ) {
            before = paths.size();
            spec.points().axes().stream()
                    .filter(axis -> paths.contains(axis.path()))
                    .forEach(axis -> paths.addAll(axis.when().keySet()));
        }
        spec.points().axes().stream()
                .filter(axis -> paths.contains(axis.path()))
                .forEach(own::add);
        if (!paths.stream().allMatch(points::isRight)
                || (spec.points().axes().isEmpty() && !spec.points().include().isEmpty())) {
            return;
        }
        SweepExpansion part = new SweepExpansion(with(own, List.of()), task, point -> true, new SobolPoints());
        if (part.matrixPoints() > MOST_LOOKS) {
            return;
        }
        boolean holds = false;
        for (Iterator<Parameters> looks = part.points(); looks.hasNext(); ) {
            Parameters point = looks.next();
            CelConstraint.Verdict verdict = constraint.judge(point);
            if (verdict.fault() != null) {
                problems.add(constraint.place(), constraint.path(), constraint.describe(verdict, point));
                outOfTime = constraint.isOutOfTime();
                return;
            }
            holds |= verdict.holds();
        }
        if (!holds) {
            problems.add(
                    constraint.place(),
                    constraint.path(),
                    CelConstraint.quoted(constraint.text())
                            + " holds at no point, so that nothing would run; loosen it");
        }
    }

    private void checkIncluded(SweepExpansion expansion) {
        Parameters fixed = spec.points().base().over(task.defaults());
        for (SweepPoints.Included entry : points.included()) {
            Parameters point = entry.parameters().over(fixed);
            for (CelConstraint constraint : points.constraints()) {
                if (!outOfTime && constraint.parameters().stream().allMatch(points::isRight)) {
                    CelConstraint.Verdict verdict = constraint.judge(point);
                    outOfTime = verdict.fault() != null && constraint.isOutOfTime();
                    if (!verdict.holds()) {
                        problems.add(
                                entry.place(),
                                entry.path(),
                                verdict.fault() == null
                                        ? "breaks " + constraint.path() + ": " + CelConstraint.quoted(constraint.text())
                                        : constraint.describe(verdict, point));
                    }
                }
            }
            if (points.isWhole() && spec.strategy() instanceof StrategySpec.Grid && expansion.isInMatrix(point)) {
                problems.add(entry.place(), entry.path(), "is a point of the matrix already; leave it out");
            }
        }
    }

    private void checkCount(SweepExpansion expansion, Place matrix, SpecNode strategy) {
        long count = expansion.countPoints();
        if (count == 0) {
            problems.add(
                    matrix,
                    "matrix",
                    "exclude and constraints leave none of " + expansion.matrixPoints() + " points; loosen them");
        } else if (!(spec.strategy() instanceof StrategySpec.Grid) && count < expansion.mostPoints()) {
            checkCount(
                    false,
                    strategy,
                    "must be <= " + (count - spec.points().include().size())
                            + ", as exclude and constraints leave no more points, or too few to be found");
        }
    }

    private void checkCount(boolean holds, SpecNode count, String fault) {
        if (!holds && !problems.isAt(COUNT)) {
            problems.add(count, COUNT, fault);
        }
    }

    private SweepSpec with(List<SweepAxis> axes, List<Parameters> include) {
        SweepSpec.Points own = spec.points();
        return spec.with(
                new SweepSpec.Points(own.base(), axes, own.seeds(), include, List.of(), List.of()),
                new StrategySpec.Grid());
    }
}
