package perdura.cli.report;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.experiments.compare.Importance;
import perdura.experiments.compare.Summary;

/**
 * All that the page shows. Numbers are as measured; the page rounds.
 *
 * @param facts of the sweep, name and text
 * @param grid what was asked for, name and text
 * @param objective key of the curves, for instance {@code validation/auroc}
 * @param goal {@code max} or {@code min}
 * @param reported keys of test data
 * @param over what means are over
 * @param counts trials by state
 * @param parameters those that differ
 * @param shared the others
 * @param points best first
 * @param pointsLeftOut points that are too many for a page
 * @param papers results in the papers' layout
 * @param effects of the one parameter that varies beside seeds
 * @param curvesLeftOut trials whose curves are too many for a page
 * @param failures trials that ended without a result
 * @param mlflowCompare MLflow's compare page; null if MLflow knows none of the runs
 * @param mlflowCurves MLflow's page of joint curves
 */
record ReportModel(
        String sweepId,
        String subtitle,
        Map<String, String> facts,
        Map<String, String> grid,
        String objective,
        String goal,
        List<String> reported,
        String over,
        Map<String, Integer> counts,
        List<Parameter> parameters,
        Map<String, String> shared,
        List<Point> points,
        int pointsLeftOut,
        List<PaperTable> papers,
        List<Effect> effects,
        List<Importance> importance,
        List<Curve> curves,
        int curvesLeftOut,
        List<Trial> failures,
        @Nullable String mlflowCompare,
        @Nullable String mlflowCurves) {
    /**
     * A parameter that differs.
     *
     * @param label its short name
     * @param numeric whether all its values are numbers
     * @param log whether they span so much that a logarithmic axis is right
     */
    record Parameter(String path, String label, boolean numeric, boolean log) {}

    /**
     * What a parameter does.
     *
     * @param metrics keys
     * @param numeric whether all values are numbers
     * @param log whether they are a geometric series
     */
    record Effect(String path, boolean numeric, boolean log, List<Metric> metrics, List<Level> levels) {
        /** @param percent whether it is a share, to be printed in percent */
        record Metric(String key, boolean percent) {}

        /** @param metrics in the order of the effect's */
        record Level(String value, @Nullable Double number, int trials, List<Summary> metrics) {}
    }

    /** @param values texts by the path of the parameters that differ */
    record Point(
            int number,
            @Nullable Integer rank,
            boolean provisional,
            Map<String, String> values,
            Summary objective,
            Map<String, Summary> metrics,
            List<Trial> trials,
            List<String> lacking) {}

    /**
     * A trial.
     *
     * @param point its point's number
     * @param page in MLflow; null if it does not know the run
     * @param code why it ended without a result; null if it did not
     */
    record Trial(
            String name,
            @Nullable String run,
            int point,
            String seed,
            String state,
            boolean shared,
            @Nullable Double objective,
            Map<String, Double> metrics,
            int epoch,
            double deviceSeconds,
            @Nullable String page,
            @Nullable String code,
            @Nullable String message) {}

    /**
     * The objective's curve of one trial.
     *
     * @param values pairs of epoch, from 1, and value
     */
    record Curve(String run, int point, String seed, List<List<Double>> values) {}
}
