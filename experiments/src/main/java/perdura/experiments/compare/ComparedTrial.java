package perdura.experiments.compare;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.TrialState;

/**
 * A trial of a sweep, or a run that somebody named.
 *
 * @param name for people: the run's id, or the label of a trial that has not begun
 * @param runId null before the trial has begun
 * @param parameters by path, as text; without the seed
 * @param shared whether another sweep has run it
 * @param objective best validation value so far; of a finished trial that of its best epoch
 * @param metrics newest value of each key
 * @param epoch epochs done
 */
public record ComparedTrial(
        long ordinal,
        String name,
        @Nullable String runId,
        Map<String, String> parameters,
        long seed,
        TrialState state,
        boolean shared,
        @Nullable Double objective,
        Map<String, Double> metrics,
        int epoch,
        double deviceSeconds,
        @Nullable String errorCode,
        @Nullable String errorMessage,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable String mlflowRunId,
        @Nullable String mlflowExperimentId) {
    public ComparedTrial {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }
}
