package perdura.store;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.TrialState;

/**
 * A trial of a sweep, with its results so far.
 *
 * @param runId null before it has begun
 */
public record TrialRow(
        Identity identity,
        @Nullable String runId,
        TrialState state,
        Progress progress,
        Results results,
        Run.Outcome outcome,
        Run.Mlflow mlflow) {
    /**
     * Which trial it is.
     *
     * @param label what tells it from the others, for people
     * @param parameters canonical JSON, by path
     */
    public record Identity(String trialKey, long ordinal, String label, String parameters, long seed) {}

    /**
     * How far it is.
     *
     * @param shared whether another sweep has run it
     * @param deviceSeconds that its attempts have held a device
     * @param epoch epochs committed
     * @param step steps committed, or a few more that the running attempt has reported
     */
    public record Progress(
            boolean shared,
            double deviceSeconds,
            int epoch,
            long step,
            @Nullable Long totalSteps) {}

    /**
     * What was measured.
     *
     * @param latest the newest value of each metric of validation and test data
     * @param bestValidation the objective: of a finished trial that of its chosen epoch, else the best of the epochs so far
     */
    public record Results(
            Map<String, Double> latest, @Nullable Double bestValidation) {
        public Results {
            latest = Collections.unmodifiableMap(new TreeMap<>(latest));
        }
    }
}
