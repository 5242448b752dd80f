package perdura.experiments.compare;

import java.util.Comparator;
import java.util.List;
import perdura.grids.spec.ObjectiveSpec.Goal;

/**
 * What trials are ranked by, always on validation data.
 *
 * @param metric without a prefix, for instance {@code auroc}
 * @param report metrics on test data that are shown beside it, without a prefix
 */
public record Objective(String metric, Goal goal, List<String> report) {
    public Objective {
        report = List.copyOf(report);
    }

    /** The metric of the curve: measured after each epoch. */
    public String curveKey() {
        return "validation/" + metric;
    }

    /** The metric of a finished trial: the validation value of its best epoch. */
    public String bestKey() {
        return "best/validation/" + metric;
    }

    /** Keys of the reported metrics. */
    public List<String> testKeys() {
        return report.stream().map(name -> "test/" + name).toList();
    }

    /** Better values first. */
    Comparator<Double> order() {
        Comparator<Double> ascending = Comparator.naturalOrder();
        return goal == Goal.MAX ? ascending.reversed() : ascending;
    }
}
