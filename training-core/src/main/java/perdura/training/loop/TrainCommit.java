package perdura.training.loop;

import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.OnceEvent;
import perdura.training.checkpoint.Checkpoint;

/**
 * What a loop hands over to be published: a checkpoint that lies complete on disk, and the metric points of the steps
 * since the last commit. A point is in exactly one commit of a loop.
 *
 * @param stageEnd whether the checkpoint ends a stage, and so outlives the retention rule
 * @param score of the job's selection metric at this very step, finite; null where it is not told
 * @param points by step, and within a step in the order of the job
 * @param events of the same steps, in their order
 */
public record TrainCommit(
        Checkpoint checkpoint,
        boolean stageEnd,
        @Nullable Double score,
        List<MetricPoint> points,
        List<OnceEvent> events) {
    public TrainCommit {
        events = List.copyOf(events);
        points = List.copyOf(points);
    }
}
