package perdura.cli;

import java.util.List;
import java.util.Locale;
import perdura.grids.read.SpecJson;
import perdura.grids.spec.MetricPoint;
import perdura.store.Metrics;
import perdura.store.Run;

/** Says in one sentence what a pre-training has learned. */
final class LearningSummary {
    private static final String KEY = "train/loss_global";
    // One batch's loss jumps; the mean over some tells.
    private static final int POINTS = 20;

    private LearningSummary() {}

    static String of(Run run, Metrics metrics) {
        List<MetricPoint> points = metrics.listPoints(run.runId(), KEY, 0);
        if (points.isEmpty()) {
            return "No values of " + KEY + " are there.";
        }
        int batch = SpecJson.read(run.identity().spec()).batchSize();
        int some = Math.min(POINTS, points.size());
        return String.format(
                Locale.ROOT,
                "Image-report contrast loss: %.2f at the begin, %.2f at the end; guessing among the %d pairs of a batch"
                        + " gives ln %d = %.2f.",
                mean(points.subList(0, some)),
                mean(points.subList(points.size() - some, points.size())),
                batch,
                batch,
                Math.log(batch));
    }

    private static double mean(List<MetricPoint> points) {
        return points.stream().mapToDouble(MetricPoint::value).average().orElse(Double.NaN);
    }
}
