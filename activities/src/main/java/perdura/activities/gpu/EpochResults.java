package perdura.activities.gpu;

import java.nio.file.Path;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.store.Checkpoints;
import perdura.store.StoredCheckpoint;
import perdura.training.checkpoint.PreparedEpoch;
import perdura.training.method.EpochPreparation;

/** What was prepared for the epochs of one run. The state at an epoch's begin, by which results are kept, is that of its commit. */
public record EpochResults(Checkpoints checkpoints, RunId runId, Path artifactRoot, DurableEffects effects)
        implements EpochPreparation.Results {
    @Override
    public Path folder(long step) {
        return at(step).findCombined()
                .orElseThrow(() -> new PerduraException(
                        ErrorCode.NOT_FOUND,
                        "what was prepared for the epoch of " + runId + " that begins at step " + step
                                + " is gone; bring its folder back from a backup, or start another run"));
    }

    PreparedEpoch at(long step) {
        String stateDigest = checkpoints.listCheckpoints(runId).stream()
                .filter(checkpoint -> checkpoint.position().step() == step)
                .map(StoredCheckpoint::stateDigest)
                .findFirst()
                .orElse("");
        return new PreparedEpoch(artifactRoot, runId, step, stateDigest, effects);
    }
}
