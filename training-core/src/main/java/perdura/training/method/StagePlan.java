package perdura.training.method;

import java.util.List;
import java.util.function.Predicate;
import perdura.grids.spec.MethodSpec;
import perdura.grids.spec.Position;

/**
 * Where each optimiser step of a run lies in its stages and epochs.
 *
 * @param stages in order, not empty
 * @param stepsPerEpoch at least 1, in every stage the same
 */
public record StagePlan<S extends MethodSpec.Stage>(List<S> stages, long stepsPerEpoch) {
    /**
     * A step's place.
     *
     * @param stepInStage counted from 0 in each stage
     * @param stageSteps steps of that stage
     * @param batch the batch of the epoch, from 0
     */
    public record Place<S>(S stage, long stepInStage, long stageSteps, int epoch, long batch) {
        /** Whether it is the stage's last step. */
        public boolean endsStage() {
            return stepInStage == stageSteps - 1;
        }
    }

    public StagePlan {
        stages = List.copyOf(stages);
    }

    public long totalSteps() {
        return steps(stage -> true);
    }

    /** Steps of all stages of a kind. */
    public long steps(Predicate<S> kind) {
        return stages.stream().filter(kind).mapToLong(this::steps).sum();
    }

    private long steps(S stage) {
        return stage.epochs() * stepsPerEpoch;
    }

    /** Steps before one, in stages of a kind. */
    public long stepsBefore(long step, Predicate<S> kind) {
        long begin = 0;
        long before = 0;
        for (S stage : stages) {
            if (kind.test(stage)) {
                before += Math.max(0, Math.min(step - begin, steps(stage)));
            }
            begin += steps(stage);
        }
        return before;
    }

    /** Whether a step is the last one of its epoch. */
    public boolean endsEpoch(Place<S> place) {
        return place.batch() == stepsPerEpoch - 1;
    }

    /** @param step 0-based, below {@link #totalSteps} */
    public Place<S> locate(long step) {
        long begin = 0;
        for (S stage : stages) {
            long inStage = step - begin;
            if (inStage >= 0 && inStage < steps(stage)) {
                int epoch = Math.toIntExact(inStage / stepsPerEpoch);
                return new Place<>(stage, inStage, steps(stage), epoch, inStage % stepsPerEpoch);
            }
            begin += steps(stage);
        }
        throw new IllegalArgumentException("step must be in [0, " + totalSteps() + "), was " + step);
    }

    /** The position after {@code step} steps; after the last one, the end of the last stage. */
    public Position positionAfter(long step) {
        if (step == totalSteps()) {
            S last = stages.get(stages.size() - 1);
            return new Position(last.stage(), last.epochs(), step);
        }
        Place<S> next = locate(step);
        return new Position(next.stage().stage(), next.epoch(), step);
    }
}
