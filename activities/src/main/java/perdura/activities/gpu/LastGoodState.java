package perdura.activities.gpu;

import java.util.List;
import java.util.Optional;
import perdura.grids.spec.CheckpointState;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.store.StoredCheckpoint;
import perdura.training.checkpoint.CheckpointReader;
import perdura.training.checkpoint.CheckpointReader.LoadedCheckpoint;

/** Finds the newest checkpoint of a run whose every byte is right. */
record LastGoodState(RunStore store) {
    /**
     * Empty if the run has to begin at step 0, which gives the same bits. What is damaged is marked and told.
     *
     * @throws PerduraException CHECKPOINT_LOST if the run began with a checkpoint of another, and even that one is not whole
     */
    Optional<LoadedCheckpoint> find(RunId runId) {
        List<StoredCheckpoint> present = store.checkpoints().listCheckpoints(runId).stream()
                .filter(checkpoint -> checkpoint.state() == CheckpointState.PRESENT)
                .toList();
        for (StoredCheckpoint checkpoint : present) {
            try {
                return Optional.of(CheckpointReader.read(
                        checkpoint.folder(), checkpoint.files().manifestDigest()));
            } catch (PerduraException e) {
                if (e.code() != ErrorCode.CHECKPOINT_DAMAGED) {
                    throw e;
                }
                markDamaged(checkpoint, e);
            }
        }
        store.forks().find(runId).ifPresent(fork -> {
            throw new PerduraException(
                    ErrorCode.CHECKPOINT_LOST,
                    "no checkpoint of " + runId + " is whole, not even the first, with which " + fork.sentence()
                            + "; bring that one back from a backup, or start stage " + fork.stage()
                            + " from another run");
        });
        if (!present.isEmpty()) {
            store.events().record(runId, "RESTARTED", "no checkpoint is whole: the run begins again at step 0");
        }
        return Optional.empty();
    }

    private void markDamaged(StoredCheckpoint checkpoint, PerduraException e) {
        store.checkpoints()
                .markDamaged(checkpoint.runId(), checkpoint.position().step(), String.valueOf(e.getMessage()));
    }
}
