package perdura.cli.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Times;
import perdura.experiments.compare.ComparedPoint;
import perdura.experiments.compare.ComparedTrial;
import perdura.experiments.compare.Comparison;
import perdura.experiments.compare.Curves;
import perdura.experiments.compare.Importance;
import perdura.experiments.compare.MlflowPages;
import perdura.experiments.compare.ParameterEffect;
import perdura.experiments.compare.ParameterTexts;
import perdura.experiments.compare.SweepView;
import perdura.grids.spec.EnumWord;

/** Makes of a sweep what its page shows. */
final class SweepReport {
    /** A browser draws so many without a pause. */
    static final int MOST_CURVES = 500;

    static final int MOST_POINTS = 1000;
    private static final int MOST_VALUES = 200;
    private static final MathContext DIGITS = new MathContext(6);
    private static final double LOG_FROM = 50;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final SweepView view;
    private final Comparison comparison;
    private final @Nullable String trackingUri;

    private SweepReport(SweepView view, @Nullable String trackingUri) {
        this.view = view;
        this.comparison = view.comparison();
        this.trackingUri = trackingUri;
    }

    /** The trials whose curves a page shows: those of the best points. */
    static List<ComparedTrial> drawn(Comparison comparison) {
        return comparison.trials().stream().limit(MOST_CURVES).toList();
    }

    /**
     * Gathers the model.
     *
     * @param curves of {@link #drawn}
     * @param sets words of the data sets, by the names that the sweep uses
     * @param trackingUri of MLflow; null without one
     */
    static ReportModel of(
            SweepView view, Curves curves, Map<String, String> sets, @Nullable String trackingUri, Instant now) {
        return new SweepReport(view, trackingUri).model(curves, sets, now);
    }

    private ReportModel model(Curves curves, Map<String, String> sets, Instant now) {
        List<ComparedTrial> trials = comparison.trials();
        Optional<MlflowPages> pages = trackingUri == null ? Optional.empty() : MlflowPages.find(trackingUri, trials);
        String curveKey = comparison.objective().curveKey();
        Map<String, Integer> counts = new LinkedHashMap<>();
        comparison.counts().forEach((state, count) -> counts.put(ComparedPoint.StateWords.word(state), count));
        return new ReportModel(
                view.sweep().sweepId(),
                view.task() + ", " + EnumWord.of(view.sweep().status())
                        + (view.sweep().progress().reason() == null
                                ? ""
                                : ": " + view.sweep().progress().reason()),
                facts(now),
                GridFacts.of(view.spec()),
                curveKey,
                EnumWord.of(comparison.objective().goal()),
                comparison.objective().testKeys(),
                comparison.over(),
                counts,
                parameters(),
                comparison.parameters().shared(),
                comparison.points().stream().limit(MOST_POINTS).map(this::point).toList(),
                Math.max(0, comparison.points().size() - MOST_POINTS),
                PaperTable.of(view, sets),
                ParameterEffect.alone(comparison).stream()
                        .map(SweepReport::effect)
                        .toList(),
                Importance.of(comparison),
                curves(curves),
                Math.max(0, trials.size() - MOST_CURVES),
                failures(),
                pages.map(MlflowPages::compare).orElse(null),
                pages.map(found -> found.curves(curveKey)).orElse(null));
    }

    private Map<String, String> facts(Instant now) {
        Instant begun = view.sweep().identity().submittedAt();
        Instant ended = view.sweep().endedAt();
        double own = 0;
        double others = 0;
        for (ComparedTrial trial : comparison.trials()) {
            own += trial.shared() ? 0 : trial.deviceSeconds();
            others += trial.shared() ? trial.deviceSeconds() : 0;
        }
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("submitted", TIME.format(begun));
        facts.put(ended == null ? "written, still running" : "ended", TIME.format(ended == null ? now : ended));
        facts.put("took", Times.of(view.sweep().progress().ran()));
        facts.put("device time", hours(own) + (others > 0 ? ", and " + hours(others) + " shared" : ""));
        facts.put("experiment", view.sweep().identity().experiment());
        return facts;
    }

    private static String hours(double seconds) {
        return seconds < 3600
                ? Times.of(Duration.ofMillis(Math.round(seconds * 1000)))
                : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
    }

    private List<ReportModel.Parameter> parameters() {
        List<ReportModel.Parameter> parameters = new ArrayList<>();
        for (String path : comparison.parameters().differing()) {
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            boolean numeric = true;
            for (ComparedPoint point : comparison.points()) {
                OptionalDouble value =
                        ParameterTexts.asNumber(point.parameters().get(path));
                numeric &= value.isPresent();
                low = Math.min(low, value.orElse(low));
                high = Math.max(high, value.orElse(high));
            }
            boolean log = numeric && low > 0 && high / low >= LOG_FROM;
            parameters.add(
                    new ReportModel.Parameter(path, comparison.parameters().shortName(path), numeric, log));
        }
        return parameters;
    }

    private ReportModel.Point point(ComparedPoint point) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String path : comparison.parameters().differing()) {
            values.put(path, point.parameters().getOrDefault(path, "-"));
        }
        return new ReportModel.Point(
                point.number(),
                point.rank(),
                point.provisional(),
                values,
                point.objective(),
                point.metrics(),
                point.trials().stream().map(trial -> trial(point, trial)).toList(),
                point.lacking());
    }

    private static ReportModel.Effect effect(ParameterEffect effect) {
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
                                List.copyOf(level.metrics().values())))
                        .toList());
    }

    private ReportModel.Trial trial(ComparedPoint point, ComparedTrial trial) {
        Map<String, Double> metrics = new LinkedHashMap<>(trial.metrics());
        metrics.keySet().retainAll(comparison.objective().testKeys());
        return new ReportModel.Trial(
                trial.name(),
                trial.runId(),
                point.number(),
                comparison.replicate(trial),
                ComparedPoint.StateWords.word(trial.state()),
                trial.shared(),
                trial.objective(),
                metrics,
                trial.epoch(),
                trial.deviceSeconds(),
                page(trial),
                trial.errorCode(),
                trial.errorMessage());
    }

    private @Nullable String page(ComparedTrial trial) {
        return trackingUri == null
                ? null
                : MlflowPages.OfRun.find(trackingUri, trial.mlflowExperimentId(), trial.mlflowRunId())
                        .orElse(null);
    }

    /** The curves that there are, best points first. */
    private List<ReportModel.Curve> curves(Curves curves) {
        List<ReportModel.Curve> drawn = new ArrayList<>();
        for (ComparedPoint point : comparison.points()) {
            for (ComparedTrial trial : point.trials()) {
                List<Double> values = curves.of(trial);
                if (trial.runId() != null && !values.isEmpty()) {
                    drawn.add(new ReportModel.Curve(
                            trial.runId(), point.number(), comparison.replicate(trial), thinned(values)));
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
    private List<ReportModel.Trial> failures() {
        return comparison.points().stream()
                .flatMap(point -> point.trials().stream()
                        .filter(trial -> trial.state().isLost())
                        .map(trial -> trial(point, trial)))
                .toList();
    }
}
