package perdura.store;

import java.time.Duration;
import java.time.Instant;
import org.jdbi.v3.core.mapper.Nested;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ObjectiveSpec;
import perdura.grids.spec.SweepStatus;

/**
 * A sweep as the store knows it.
 *
 * @param sweepId {@code <name>-<number>}, also the id of its run
 */
public record StoredSweep(
        String sweepId,
        @Nested Identity identity,
        SweepStatus status,
        @Nested Limits limits,
        @Nested Progress progress,
        @Nested("mlflow") Run.Mlflow mlflow,
        @Nullable Instant endedAt) {
    /**
     * What was submitted.
     *
     * @param fingerprint hash of the spec and of all trial keys
     * @param spec canonical JSON, see {@code SweepJson}
     */
    public record Identity(
            String name, int number, String fingerprint, String experiment, String spec, Instant submittedAt) {}

    /**
     * How much of the machines it may take.
     *
     * @param concurrency trials at once; 0: as many as there are free slots
     */
    public record Limits(int concurrency, int priority) {}

    /**
     * What it has come to.
     *
     * @param ranSeconds how long it has been RUNNING: pauses, and the time between an end and a resumption, don't count
     * @param reason why it ended early
     * @param endedTrials trials that are DONE
     * @param bestValue the best objective of a finished trial
     * @param bestTrial the key of that trial
     */
    public record Progress(
            String objective,
            ObjectiveSpec.Goal goal,
            double ranSeconds,
            long endedTrials,
            @Nullable Double bestValue,
            @Nullable String bestTrial,
            @Nullable String reason) {
        public Duration ran() {
            return Duration.ofMillis(Math.round(ranSeconds * 1000));
        }
    }
}
