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
        Run.Live live = run.progress().live();
        return new RunView(
                run.runId().value(),
                run.identity().experiment(),
                run.identity().name(),
                run.status().name(),
                run.progress().paused(),
                run.progress().position().step(),
                run.progress().totalSteps(),
                run.progress().position().stage(),
                run.progress().position().epoch(),
                live == null ? null : live.loss(),
                live == null ? null : live.stepsPerSecond(),
                run.progress().stateDigest(),
                run.binding().dataDigest(),
                run.identity().specHash(),
                run.identity().seed(),
                run.binding().fence(),
                run.mlflow().runId(),
                run.outcome().errorCode(),
                run.outcome().errorMessage(),
                run.createdAt(),
                run.outcome().startedAt(),
                run.outcome().endedAt());
    }

    static List<RunView> of(List<Run> runs) {
        return runs.stream().map(RunView::of).toList();
    }
}
