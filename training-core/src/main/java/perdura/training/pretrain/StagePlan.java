package perdura.training.pretrain;

import java.util.List;
import perdura.grids.spec.Position;
import perdura.grids.spec.StageSpec;

/**
 * Where each optimiser step of a run lies in its stages and epochs.
 *
 * @param stages in order, not empty
 * @param stepsPerEpoch full batches of an epoch, at least 1
 */
record StagePlan(List<StageSpec> stages, long stepsPerEpoch) {
    /**
     * A step's place.
     *
     * @param stepInStage counted from 0 in each stage
     * @param stageSteps steps of that stage
     */
    record Place(StageSpec stage, long stepInStage, long stageSteps, int epoch, long batch) {}

    StagePlan {
        stages = List.copyOf(stages);
    }

    long totalSteps() {
        return stages.stream().mapToLong(this::steps).sum();
    }

    private long steps(StageSpec stage) {
        return stage.epochs() * stepsPerEpoch;
    }

    /** @param step 0-based, below {@link #totalSteps} */
    Place locate(long step) {
        long begin = 0;
        for (StageSpec stage : stages) {
            long inStage = step - begin;
            if (inStage >= 0 && inStage < steps(stage)) {
                int epoch = Math.toIntExact(inStage / stepsPerEpoch);
                return new Place(stage, inStage, steps(stage), epoch, inStage % stepsPerEpoch);
            }
            begin += steps(stage);
        }
        throw new IllegalArgumentException("step must be in [0, " + totalSteps() + "), was " + step);
    }

    /** The position after {@code step} steps; after the last one, the end of the last stage. */
    Position positionAfter(long step) {
        if (step == totalSteps()) {
            StageSpec last = stages.get(stages.size() - 1);
            return new Position(last.stage(), last.epochs(), step);
        }
        Place next = locate(step);
        return new Position(next.stage().stage(), next.epoch(), step);
    }
}
