package perdura.activities.worker;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunStatus;
import perdura.workflows.DataActivities;
import perdura.workflows.DataActivities.PreparedRun;
import perdura.workflows.RunActivities;
import perdura.workflows.RunActivities.OpenedRun;
import perdura.workflows.RunActivities.RunEnd;

/** A run of one segment that needs no store. */
final class OneSegmentActivities implements RunActivities, DataActivities {
    private final AtomicReference<@Nullable RunEnd> end = new AtomicReference<>();

    @Override
    public OpenedRun openRun(String runId) {
        return new OpenedRun(RunStatus.RUNNING, 0, "", false, null);
    }

    @Override
    public void markPaused(String runId, boolean paused) {}

    @Override
    public void finishRun(RunEnd input) {
        end.set(input);
    }

    @Override
    public PreparedRun prepareRun(String runId) {
        return new PreparedRun("d", 10, 10, 10, false);
    }

    @Override
    public EpochPlan planEpoch(EpochBegin begin) {
        return new EpochPlan(0);
    }

    @Override
    public void combineEpoch(EpochShards shards) {}

    /** How the run has ended. */
    RunEnd end() {
        return Objects.requireNonNull(end.get());
    }
}
