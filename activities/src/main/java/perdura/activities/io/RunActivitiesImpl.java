package perdura.activities.io;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.PretrainSpec.AirflowSpec;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunStatus;
import perdura.store.Events;
import perdura.store.Run;
import perdura.store.Runs;
import perdura.training.method.Methods;
import perdura.workflows.RunActivities;
import perdura.workflows.RunActivities.OpenedRun;
import perdura.workflows.RunActivities.RunEnd;

/** Keeps the store's view of a run. */
public record RunActivitiesImpl(Runs runs, Events events) implements RunActivities {
    @Override
    public OpenedRun openRun(String runId) {
        RunId id = new RunId(runId);
        RunStatus before = runs.loadRun(id).status();
        if (before == RunStatus.FAILED || before == RunStatus.KILLED) {
            events.record(id, "RESUMED", "the run was " + before); // failed attempts are counted from here
        }
        if (before != RunStatus.FINISHED) {
            runs.startRun(id);
        }
        Run run = runs.loadRun(id);
        AirflowSpec airflow = Methods.load()
                .specs()
                .readStored(run.identity().spec())
                .execution()
                .prepare()
                .airflow();
        return new OpenedRun(
                run.status(),
                run.progress().position().step(),
                Objects.requireNonNullElse(run.progress().stateDigest(), ""),
                run.progress().paused(),
                airflow == null ? null : airflow.dag());
    }

    @Override
    public void markPaused(String runId, boolean paused) {
        runs.markPaused(new RunId(runId), paused);
    }

    @Override
    public void finishRun(RunEnd input) {
        runs.finishRun(
                new RunId(input.runId()), input.status(), nullIfEmpty(input.errorCode()), nullIfEmpty(input.message()));
    }

    private static @Nullable String nullIfEmpty(String text) {
        return text.isEmpty() ? null : text;
    }
}
