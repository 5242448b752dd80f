package perdura.training.loop;

import java.util.List;
import perdura.grids.spec.MetricPoint;
import perdura.training.checkpoint.Checkpoint;

/**
 * What a loop hands over to be published: a checkpoint that lies complete on disk, and the metric points of the steps
 * since the last commit. A point is in exactly one commit of a loop.
 *
 * @param stageEnd whether the checkpoint ends a stage, and so outlives the retention rule
 * @param points by step, and within a step in the order of the job
 */
public record TrainCommit(Checkpoint checkpoint, boolean stageEnd, List<MetricPoint> points) {
    public TrainCommit {
        points = List.copyOf(points);
    }
}
