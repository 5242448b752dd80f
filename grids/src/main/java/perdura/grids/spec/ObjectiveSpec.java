package perdura.grids.spec;

import java.util.List;

/**
 * What a sweep selects by, always on validation data.
 *
 * @param report metrics on test data that the results show, the metric itself if none is given; nothing is selected by them
 */
public record ObjectiveSpec(String metric, Goal goal, List<String> report) {
    public ObjectiveSpec {
        report = report.isEmpty() ? List.of(metric) : List.copyOf(report);
    }

    /** Which values are better. */
    public enum Goal {
        MAX,
        MIN
    }
}
