package perdura.store;

import java.time.Instant;
import org.jdbi.v3.core.mapper.Nested;
import org.jdbi.v3.core.mapper.PropagateNull;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.RunStatus;

/** A run as the store knows it. */
public record Run(
        RunId runId,
        @Nested Identity identity,
        RunStatus status,
        @Nested Progress progress,
        @Nested Binding binding,
        @Nested Outcome outcome,
        @Nested("mlflow") Mlflow mlflow,
        Instant createdAt) {
    /**
     * What a run is, from its creation on.
     *
     * @param name what MLflow shows as the run's name
     * @param spec canonical JSON of the resolved spec
     * @param specHash SHA-256 of {@code spec}
     */
    public record Identity(String experiment, String name, RunKind kind, String spec, String specHash, long seed) {}

    /**
     * How far a run is.
     *
     * @param position of the last commit; {@link Position#START} before the first
     * @param stateDigest of the last commit
     * @param totalSteps steps of the whole plan, once known
     * @param live what the newest attempt last reported; not committed
     */
    public record Progress(
            @Nested Position position,
            @Nullable String stateDigest,
            @Nullable Long totalSteps,
            boolean paused,
            @Nested("live") @Nullable Live live) {}

    /**
     * Step and rate that the newest attempt last reported, for progress bars only.
     *
     * @param silentSeconds since then, by the clock of Postgres
     * @param ended whether the attempt has ended, so that another one repeats what it has not committed
     */
    @PropagateNull("at")
    public record Live(
            long step, double stepsPerSecond, @Nullable Double loss, Instant at, double silentSeconds, boolean ended) {}

    /**
     * What the attempts of a run must have in common, and who may commit.
     *
     * @param dataDigest of the data that the run began with
     * @param threads intra-op threads that the run is bound to, once resolved
     * @param fence number of the newest attempt; 0 before the first
     */
    public record Binding(
            @Nullable String dataDigest, @Nullable Integer threads, long fence) {}

    /** When a run began and ended, and with which error. */
    public record Outcome(
            @Nullable Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable String errorCode,
            @Nullable String errorMessage) {}

    /** Where MLflow has a run; null until it has. */
    public record Mlflow(
            @Nullable String experimentId, @Nullable String runId) {}
}
