package perdura.experiments.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.RunId;
import perdura.store.Metrics;

/** The values of one metric over time, of many trials. A metric of validation data has one value for each epoch. */
public record Curves(String key, Map<String, List<Double>> byRun) {
    /** The curves of the trials that have one, by run. */
    public static Curves load(Metrics metrics, String key, List<ComparedTrial> trials) {
        Map<String, List<Double>> byRun = new LinkedHashMap<>();
        for (ComparedTrial trial : trials) {
            if (trial.runId() != null) {
                List<Double> values = metrics.listPoints(new RunId(trial.runId()), key, 0).stream()
                        .map(MetricPoint::value)
                        .toList();
                if (!values.isEmpty()) {
                    byRun.put(trial.runId(), values);
                }
            }
        }
        return new Curves(key, byRun);
    }

    /** Of one trial; empty if it has none. */
    public List<Double> of(ComparedTrial trial) {
        return trial.runId() == null ? List.of() : byRun.getOrDefault(trial.runId(), List.of());
    }

    /** The mean of a point's trials, epoch by epoch, over those that have come so far. */
    public List<Double> mean(ComparedPoint point) {
        List<List<Double>> curves = point.trials().stream()
                .map(this::of)
                .filter(curve -> !curve.isEmpty())
                .toList();
        int length = curves.stream().mapToInt(List::size).max().orElse(0);
        List<Double> means = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            int epoch = i;
            means.add(curves.stream()
                    .filter(curve -> curve.size() > epoch)
                    .mapToDouble(curve -> curve.get(epoch))
                    .filter(Double::isFinite)
                    .average()
                    .orElse(Double.NaN));
        }
        return means;
    }
}
