package perdura.activities.gpu;

import perdura.activities.gpu.TrainSlot.SegmentOutcome;
import perdura.grids.spec.RunId;
import perdura.workflows.EpochActivities;
import perdura.workflows.TrainActivities;
import perdura.workflows.TrainActivities.SegmentInput;
import perdura.workflows.TrainActivities.SegmentResult;

/** Trains segments of pre-trainings, and prepares their epochs. */
public record TrainActivitiesImpl(TrainSlot slot) implements TrainActivities, EpochActivities {
    @Override
    public SegmentResult trainSegment(SegmentInput input) {
        SegmentOutcome part = slot.hold(
                trainer -> trainer.train(new RunId(input.runId()), job -> input.untilStep(), input.prepareTime()));
        return new SegmentResult(
                input.runId(), part.position().step(), part.stateDigest(), slot.queue(), part.cancelled());
    }

    @Override
    public ShardsResult prepareShards(ShardsInput input) {
        return slot.hold(trainer -> new ShardsResult(trainer.prepareShards(input)));
    }
}
