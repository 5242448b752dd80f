package perdura.workflows;

import io.temporal.activity.ActivityInterface;

/** Activities of the queue {@code gpu}. */
@ActivityInterface
public interface TrainActivities {
    SegmentResult trainSegment(SegmentInput input);
}
