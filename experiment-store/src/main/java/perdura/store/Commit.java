package perdura.store;

import java.util.List;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.OnceEvent;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;

/**
 * What an attempt publishes in one transaction.
 *
 * @param fence the attempt's fence
 * @param stateDigest SHA-256 of weights, buffers, moments and position, hexadecimal
 * @param score by which the run's best checkpoint is kept, the greatest; null for a checkpoint that takes no part in that
 * @param points metric points since the last commit, in order
 * @param events what the steps since the last commit have to tell, in order
 */
public record Commit(
        RunId runId,
        long fence,
        Position position,
        String stateDigest,
        StoredCheckpoint.Files files,
        boolean stageEnd,
        @Nullable Double score,
        List<MetricPoint> points,
        List<OnceEvent> events) {
    public Commit {
        points = List.copyOf(points);
        events = List.copyOf(events);
    }

    /** A commit of steps that have nothing to tell. */
    public Commit(
            RunId runId,
            long fence,
            Position position,
            String stateDigest,
            StoredCheckpoint.Files files,
            boolean stageEnd,
            List<MetricPoint> points) {
        this(runId, fence, position, stateDigest, files, stageEnd, null, points, List.of());
    }
}
