package perdura.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;

/**
 * A run as the store knows it.
 *
 * @param position of the last commit; {@link Position#START} before the first
 * @param stateDigest of the last commit
 * @param totalSteps steps of the whole plan, once known
 * @param threads intra-op threads that the run is bound to, once resolved
 * @param fence number of the newest attempt; 0 before the first
 * @param live step and rate that the running attempt last reported; not committed
 */
public record Run(
        RunId runId,
        String experiment,
        String name,
        String kind,
        String spec,
        String specHash,
        long seed,
        RunStatus status,
        boolean paused,
        Position position,
        @Nullable String stateDigest,
        @Nullable String dataDigest,
        @Nullable Long totalSteps,
        @Nullable Integer threads,
        long fence,
        @Nullable Live live,
        @Nullable String mlflowRunId,
        @Nullable String mlflowExperimentId,
        @Nullable String errorCode,
        @Nullable String errorMessage,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt) {
    /** The kind of a run that is a pre-training. */
    public static final String PRETRAIN = "pretrain";

    /** What the running attempt last reported, for progress bars only. */
    public record Live(
            long step, double stepsPerSecond, @Nullable Double loss, Instant at) {}
}
