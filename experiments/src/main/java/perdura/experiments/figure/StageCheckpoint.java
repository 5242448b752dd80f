package perdura.experiments.figure;

import java.util.List;
import perdura.grids.spec.CheckpointState;
import perdura.grids.spec.PretrainSpec;
import perdura.grids.spec.StageSpec;
import perdura.store.StoredCheckpoint;

/**
 * A checkpoint whose files are there, and the stage that trained it last.
 *
 * @param endsStage whether that stage is done
 */
record StageCheckpoint(StoredCheckpoint checkpoint, StageSpec stage, boolean endsStage) {
    /**
     * The checkpoints of a run whose files are there and that have trained something, in the order given.
     *
     * @param spec of the run
     */
    static List<StageCheckpoint> of(PretrainSpec spec, List<StoredCheckpoint> checkpoints) {
        return checkpoints.stream()
                .filter(checkpoint -> checkpoint.state() == CheckpointState.PRESENT
                        && checkpoint.position().step() > 0)
                .map(checkpoint -> of(spec, checkpoint))
                .toList();
    }

    private static StageCheckpoint of(PretrainSpec spec, StoredCheckpoint checkpoint) {
        int number = checkpoint.stageEnd()
                ? spec.stageEndedAt(checkpoint.position())
                : checkpoint.position().stage();
        StageSpec stage = spec.stages().stream()
                .filter(each -> each.stage() == number)
                .findFirst()
                .orElseThrow();
        return new StageCheckpoint(checkpoint, stage, checkpoint.stageEnd());
    }
}
