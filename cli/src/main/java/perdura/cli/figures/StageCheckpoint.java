package perdura.cli.figures;

import java.util.ArrayList;
import java.util.List;
import perdura.grids.spec.StageSpec;
import perdura.store.StoredCheckpoint;

/**
 * A checkpoint whose files are there, and the stage that trained it last.
 *
 * @param endsStage whether that stage is done
 */
record StageCheckpoint(StoredCheckpoint checkpoint, StageSpec stage, boolean endsStage) {
    /**
     * The checkpoints of a run, newest first. Every epoch has as many steps, so steps tell the stage: a position at a boundary names
     * the stage that comes next.
     *
     * @param stages the plan
     * @param totalSteps of the plan
     * @param checkpoints newest first
     */
    static List<StageCheckpoint> of(List<StageSpec> stages, long totalSteps, List<StoredCheckpoint> checkpoints) {
        long epochs = stages.stream().mapToLong(StageSpec::epochs).sum();
        List<StageCheckpoint> all = new ArrayList<>();
        for (StoredCheckpoint checkpoint : checkpoints) {
            long step = checkpoint.position().step();
            if (!checkpoint.state().equals("PRESENT") || step < 1) {
                continue;
            }
            long end = 0;
            for (StageSpec stage : stages) {
                long begin = end;
                end += totalSteps / epochs * stage.epochs();
                if (step > begin && step <= end) {
                    all.add(new StageCheckpoint(checkpoint, stage, step == end));
                }
            }
        }
        return all;
    }
}
