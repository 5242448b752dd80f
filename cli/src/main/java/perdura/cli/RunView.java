package perdura.cli;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.store.Run;

/** A run as {@code --json} prints it: without the spec, whose text {@code runs show} has. */
record RunView(
        String runId,
        String experiment,
        String name,
        String status,
        boolean paused,
        long step,
        @Nullable Long totalSteps,
        int stage,
        int epoch,
        @Nullable Double loss,
        @Nullable Double stepsPerSecond,
        @Nullable String stateDigest,
        @Nullable String dataDigest,
        String specHash,
        long seed,
        long attempts,
        @Nullable String mlflowRunId,
        @Nullable String errorCode,
        @Nullable String errorMessage,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt) {
    static RunView of(Run run) {
        Run.Live live = run.live();
        return new RunView(
                run.runId().value(),
                run.experiment(),
                run.name(),
                run.status().name(),
                run.paused(),
                run.position().step(),
                run.totalSteps(),
                run.position().stage(),
                run.position().epoch(),
                live == null ? null : live.loss(),
                live == null ? null : live.stepsPerSecond(),
                run.stateDigest(),
                run.dataDigest(),
                run.specHash(),
                run.seed(),
                run.fence(),
                run.mlflowRunId(),
                run.errorCode(),
                run.errorMessage(),
                run.createdAt(),
                run.startedAt(),
                run.endedAt());
    }

    static List<RunView> of(List<Run> runs) {
        return runs.stream().map(RunView::of).toList();
    }
}
