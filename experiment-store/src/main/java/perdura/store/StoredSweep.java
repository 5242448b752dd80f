package perdura.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ObjectiveSpec;

/**
 * A sweep as the store knows it.
 *
 * @param sweepId {@code <name>-<number>}, also the id of its run
 * @param fingerprint hash of the spec and of all trial keys
 * @param spec canonical JSON, see {@code SweepJson}
 * @param reason why it ended early
 * @param concurrency trials at once; 0: as many as there are free slots
 * @param endedTrials trials that are DONE
 * @param bestValue the best objective of a finished trial
 * @param bestTrial the key of that trial
 */
public record StoredSweep(
        String sweepId,
        String name,
        int number,
        String fingerprint,
        String experiment,
        String spec,
        SweepStatus status,
        @Nullable String reason,
        int concurrency,
        int priority,
        String objective,
        ObjectiveSpec.Goal goal,
        long endedTrials,
        @Nullable Double bestValue,
        @Nullable String bestTrial,
        @Nullable String mlflowRunId,
        @Nullable String mlflowExperimentId,
        Instant submittedAt,
        @Nullable Instant endedAt) {}
