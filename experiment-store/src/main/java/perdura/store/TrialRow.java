package perdura.store;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A trial of a sweep, with its results so far.
 *
 * @param label what tells it from the others, for people
 * @param parameters canonical JSON, by path
 * @param state PENDING, RUNNING, HELD, FINISHED, FAILED or KILLED
 * @param shared whether another sweep has run it
 * @param deviceSeconds that its attempts have held a device
 * @param epoch epochs committed
 * @param step steps committed, or a few more that the running attempt has reported
 * @param latest the newest value of each metric of validation and test data
 * @param bestValidation the objective: of a finished trial that of its chosen epoch, else the best of the epochs so far
 */
public record TrialRow(
        String trialKey,
        long ordinal,
        String label,
        String parameters,
        long seed,
        @Nullable String runId,
        String state,
        boolean shared,
        @Nullable String errorCode,
        @Nullable String errorMessage,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        double deviceSeconds,
        int epoch,
        long step,
        @Nullable Long totalSteps,
        Map<String, Double> latest,
        @Nullable Double bestValidation,
        @Nullable String mlflowRunId,
        @Nullable String mlflowExperimentId) {
    public TrialRow {
        latest = Collections.unmodifiableMap(new TreeMap<>(latest));
    }
}
