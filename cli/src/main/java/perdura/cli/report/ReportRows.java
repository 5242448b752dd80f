package perdura.cli.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.experiments.compare.ComparedPoint;
import perdura.experiments.compare.ComparedTrial;
import perdura.experiments.compare.Comparison;
import perdura.experiments.compare.Curves;
import perdura.experiments.compare.MlflowPages;
import perdura.experiments.compare.ParameterEffect;
import perdura.experiments.compare.Summary;

/** Makes of a sweep's points and trials what its page shows of them. */
final class ReportRows {
    private static final int MOST_VALUES = 200;
    private static final MathContext DIGITS = new MathContext(6);

    private final Comparison comparison;
    private final @Nullable String trackingUri;

    /** @param trackingUri of MLflow; null without one */
    ReportRows(Comparison comparison, @Nullable String trackingUri) {
        this.comparison = comparison;
        this.trackingUri = trackingUri;
    }

    ReportModel.Point point(ComparedPoint point) {
        Map<String, String> values = new LinkedHashMap<>();
        comparison
                .parameters()
                .differing()
                .forEach(path -> values.put(path, point.parameters().getOrDefault(path, "-")));
        Map<String, ReportModel.Value> metrics = new LinkedHashMap<>();
        point.metrics().forEach((key, summary) -> metrics.put(key, value(summary)));
        return new ReportModel.Point(
                point.number(),
                point.rank(),
                point.provisional(),
                values,
                value(point.objective()),
                metrics,
                point.trials().stream().map(this::trial).toList());
    }

    ReportModel.Effect effect(ParameterEffect effect) {
        return new ReportModel.Effect(
                effect.path(),
                effect.isNumeric(),
                effect.isGeometric(),
                effect.metrics().stream()
                        .map(key -> new ReportModel.Effect.Metric(key, ParameterEffect.isShare(key)))
                        .toList(),
                effect.levels().stream()
                        .map(level -> new ReportModel.Effect.Level(
                                level.value(),
                                level.number(),
                                level.trials(),
                                level.metrics().values().stream()
                                        .map(ReportRows::value)
                                        .toList()))
                        .toList());
    }

    private static ReportModel.Value value(Summary summary) {
        return new ReportModel.Value(
                summary.mean(), summary.std(), summary.n(), summary.missing(), summary.low(), summary.high());
    }

    private ReportModel.Trial trial(ComparedTrial trial) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        for (String key : comparison.objective().testKeys()) {
            Double value = trial.metrics().get(key);
            if (value != null) {
                metrics.put(key, value);
            }
        }
        return new ReportModel.Trial(
                trial.name(),
                trial.runId(),
                String.valueOf(trial.seed()),
                ComparedPoint.StateWords.word(trial.state()),
                trial.shared(),
                trial.objective(),
                metrics,
                trial.epoch(),
                trial.deviceSeconds(),
                page(trial));
    }

    private @Nullable String page(ComparedTrial trial) {
        return trackingUri == null
                ? null
                : MlflowPages.OfRun.find(trackingUri, trial.mlflowExperimentId(), trial.mlflowRunId())
                        .orElse(null);
    }

    /** The curves that there are, best points first. */
    List<ReportModel.Curve> curves(Curves curves) {
        List<ReportModel.Curve> drawn = new ArrayList<>();
        for (ComparedPoint point : comparison.points()) {
            for (ComparedTrial trial : point.trials()) {
                List<Double> values = curves.of(trial);
                if (trial.runId() != null && !values.isEmpty()) {
                    drawn.add(new ReportModel.Curve(
                            trial.runId(), point.number(), String.valueOf(trial.seed()), thinned(values)));
                }
            }
        }
        return drawn;
    }

    /** Every so many values, and the last one; those that are not finite are left out. */
    private static List<List<Double>> thinned(List<Double> values) {
        int every = (values.size() + MOST_VALUES - 1) / MOST_VALUES;
        List<List<Double>> pairs = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            boolean kept = i % every == 0 || i == values.size() - 1;
            if (kept && Double.isFinite(values.get(i))) {
                double rounded = new BigDecimal(values.get(i)).round(DIGITS).doubleValue();
                pairs.add(List.of(i + 1.0, rounded));
            }
        }
        return pairs;
    }

    /** The trials that ended without a result. */
    List<ReportModel.Failure> failures() {
        List<ReportModel.Failure> failures = new ArrayList<>();
        for (ComparedPoint point : comparison.points()) {
            for (ComparedTrial trial : point.trials()) {
                if (trial.state().isLost()) {
                    failures.add(new ReportModel.Failure(
                            trial.name(),
                            trial.runId(),
                            point.number(),
                            String.valueOf(trial.seed()),
                            ComparedPoint.StateWords.word(trial.state()),
                            trial.errorCode(),
                            trial.errorMessage(),
                            trial.epoch()));
                }
            }
        }
        return failures;
    }
}
