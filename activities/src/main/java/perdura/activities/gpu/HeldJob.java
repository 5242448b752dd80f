package perdura.activities.gpu;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.RunId;
import perdura.training.loop.CommittedState;
import perdura.training.loop.TrainingJob;

/** The job that a slot keeps in memory between segments, and what it holds. */
record HeldJob(RunId runId, TrainingJob job, CommittedState state) {
    /** Whether it holds exactly this state of this run, so that nothing has to be loaded. */
    boolean isAt(RunId run, long step, @Nullable String stateDigest) {
        return runId.equals(run) && state.position().step() == step && Objects.equals(state.stateDigest(), stateDigest);
    }
}
