package perdura.activities.gpu;

import java.util.List;
import java.util.Optional;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.store.StoredCheckpoint;
import perdura.training.checkpoint.CheckpointReader;
import perdura.training.checkpoint.LoadedCheckpoint;

/** Finds the newest checkpoint of a run whose every byte is right. */
final class LastGoodState {
    private final RunStore store;

    LastGoodState(RunStore store) {
        this.store = store;
    }

    /** Empty if the run has to begin at step 0, which gives the same bits. What is damaged is marked and told. */
    Optional<LoadedCheckpoint> find(RunId runId) {
        List<StoredCheckpoint> present = store.checkpoints().listCheckpoints(runId).stream()
                .filter(checkpoint -> checkpoint.state().equals("PRESENT"))
                .toList();
        for (StoredCheckpoint checkpoint : present) {
            try {
                return Optional.of(CheckpointReader.read(checkpoint.folder(), checkpoint.manifestDigest()));
            } catch (PerduraException e) {
                if (e.code() != ErrorCode.CHECKPOINT_DAMAGED) {
                    throw e;
                }
                markDamaged(checkpoint, e);
            }
        }
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
