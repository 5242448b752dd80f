package perdura.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import perdura.cli.compare.SideBySide;
import perdura.experiments.compare.ComparedPoint;
import perdura.experiments.compare.ComparedTrial;
import perdura.experiments.compare.Comparison;
import perdura.experiments.compare.Curves;
import perdura.experiments.compare.RunsView;
import perdura.experiments.compare.SweepView;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.ObjectiveSpec.Goal;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.TrialState;
import perdura.store.Database;
import perdura.store.Metrics;
import perdura.store.StoredSweep;
import perdura.store.SweepResults;
import perdura.store.Sweeps;
import perdura.store.TrialRow;

/**
 * What {@code compare} shows.
 *
 * @param overSeeds the same runs by point, if some of them differ in nothing but the seed
 */
record ComparedThings(
        String title,
        Comparison.Differences parameters,
        List<SideBySide.Column> columns,
        List<String> keys,
        String curveKey,
        Optional<List<SideBySide.Column>> overSeeds) {
    /** Curves of which the first that the runs have is drawn, unless somebody asks for another. */
    private static final List<String> CURVES = List.of("validation/auroc", "validation/loss", "train/loss");

    static ComparedThings ofSweep(Database database, String idOrName, List<String> metrics, int top) {
        StoredSweep sweep = new Sweeps(database).load(idOrName);
        List<TrialRow> rows = new SweepResults(database).list(sweep.sweepId());
        Comparison.Objective objective = SweepView.objective(sweep);
        Set<String> keys = new LinkedHashSet<>(metrics);
        if (metrics.isEmpty()) {
            keys.add(objective.bestKey());
            keys.addAll(objective.testKeys());
        }
        Comparison comparison = SweepView.of(sweep, rows, keys).comparison();
        String curveKey = metrics.isEmpty() ? objective.curveKey() : metrics.get(0);
        List<ComparedPoint> shown = comparison.points().stream().limit(top).toList();
        Curves curves = Curves.load(new Metrics(database), curveKey, trials(shown));
        String title = sweep.sweepId() + ": the best " + shown.size() + " of "
                + comparison.points().size() + " points";
        return new ComparedThings(
                title,
                comparison.parameters(),
                shown.stream()
                        .map(point -> column("#" + (point.rank() == null ? "-" : point.rank()), point, curves))
                        .toList(),
                List.copyOf(keys),
                curveKey,
                Optional.empty());
    }

    /** @throws PerduraException NOT_FOUND for a name that is no run, INVALID_SPEC for one that can't be */
    static ComparedThings ofRuns(Database database, List<String> names, List<String> metrics) {
        List<RunId> ids = new ArrayList<>();
        Set<String> distinct = new LinkedHashSet<>(names);
        for (String name : distinct) {
            ids.add(runId(database, name, names.size()));
        }
        List<ComparedTrial> trials = RunsView.load(database, ids);
        Set<String> known = new LinkedHashSet<>();
        trials.forEach(trial -> known.addAll(trial.metrics().keySet()));
        List<String> keys = metrics.isEmpty() ? List.copyOf(known) : metrics;
        String curveKey = metrics.isEmpty() ? curve(known) : metrics.get(0);
        Curves curves = Curves.load(new Metrics(database), curveKey, trials);
        Comparison.Objective objective = new Comparison.Objective(curveKey, Goal.MAX, List.of());
        List<SideBySide.Column> columns = new ArrayList<>();
        for (ComparedTrial trial : trials) {
            ComparedPoint point = Comparison.ofRun(trial, keys);
            columns.add(new SideBySide.Column(
                    trial.name(),
                    "seed " + trial.seed() + ", " + ComparedPoint.StateWords.word(trial.state()),
                    point,
                    curves.of(trial)));
        }
        Comparison grouped = Comparison.of(trials, objective, keys, List.of());
        boolean seeds = grouped.points().size() < trials.size();
        return new ComparedThings(
                trials.size() + " runs",
                grouped.parameters(),
                columns,
                keys,
                curveKey,
                seeds
                        ? Optional.of(grouped.points().stream()
                                .map(point -> column(
                                        point.trials().size() == 1
                                                ? "1 run"
                                                : point.trials().size() + " runs",
                                        point,
                                        curves))
                                .toList())
                        : Optional.empty());
    }

    private static RunId runId(Database database, String name, int count) {
        if (new Sweeps(database).find(name).isPresent()) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    name + " is a sweep; compare takes one sweep, or runs, not " + count
                            + " things with a sweep among them");
        }
        try {
            return new RunId(name);
        } catch (IllegalArgumentException e) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, "no run or sweep is called '" + name + "'", e);
        }
    }

    private static String curve(Set<String> known) {
        return CURVES.stream()
                .filter(known::contains)
                .findFirst()
                .orElse(known.stream().findFirst().orElse("-"));
    }

    private static List<ComparedTrial> trials(List<ComparedPoint> points) {
        return points.stream().flatMap(point -> point.trials().stream()).toList();
    }

    private static SideBySide.Column column(String header, ComparedPoint point, Curves curves) {
        int finished = point.counts().getOrDefault(TrialState.FINISHED, 0);
        String facts = finished + " of " + point.trials().size();
        return new SideBySide.Column(header, facts, point, curves.mean(point));
    }
}
