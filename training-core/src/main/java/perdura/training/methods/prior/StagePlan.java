package perdura.training.methods.prior;

import java.util.List;
import perdura.grids.spec.Position;
import perdura.grids.spec.StageSpec;
import perdura.grids.spec.StageSpec.Module;

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
     * @param batch the batch of the epoch, from 0
     * @param stepWithBank steps before this one in stages that use the prototype bank
     */
    record Place(StageSpec stage, long stepInStage, long stageSteps, int epoch, long batch, long stepWithBank) {}

    StagePlan {
        stages = List.copyOf(stages);
    }

    long totalSteps() {
        return stages.stream().mapToLong(this::steps).sum();
    }

    /** Steps of all stages that use the prototype bank. */
    long stepsWithBank() {
        return stages.stream()
                .filter(stage -> stage.has(Module.SPB))
                .mapToLong(this::steps)
                .sum();
    }

    /** Whether no stage before this one uses the prototype bank, and this one does. */
    boolean isFirstWithBank(StageSpec stage) {
        return stages.stream()
                .filter(each -> each.has(Module.SPB))
                .findFirst()
                .filter(stage::equals)
                .isPresent();
    }

    /** Whether a step is the last one of its epoch. */
    boolean endsEpoch(Place place) {
        return place.batch() == stepsPerEpoch - 1;
    }

    private long steps(StageSpec stage) {
        return stage.epochs() * stepsPerEpoch;
    }

    /** @param step 0-based, below {@link #totalSteps} */
    Place locate(long step) {
        long begin = 0;
        long withBank = 0;
        for (StageSpec stage : stages) {
            long inStage = step - begin;
            boolean usesBank = stage.has(Module.SPB);
            if (inStage >= 0 && inStage < steps(stage)) {
                int epoch = Math.toIntExact(inStage / stepsPerEpoch);
                long bankStep = withBank + (usesBank ? inStage : 0);
                return new Place(stage, inStage, steps(stage), epoch, inStage % stepsPerEpoch, bankStep);
            }
            begin += steps(stage);
            withBank += usesBank ? steps(stage) : 0;
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
