package perdura.store;

import java.util.List;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.OnceEvent;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;

/**
 * What an attempt publishes in one transaction.
 *
 * @param fence the attempt's fence
 * @param stateDigest SHA-256 of weights, buffers, moments and position, hexadecimal
 * @param checkpointUri folder of the checkpoint, {@code file:} URI
 * @param manifestDigest SHA-256 of the checkpoint's MANIFEST.json
 * @param points metric points since the last commit, in order
 * @param events what the steps since the last commit have to tell, in order
 */
public record Commit(
        RunId runId,
        long fence,
        Position position,
        String stateDigest,
        String checkpointUri,
        String manifestDigest,
        long checkpointBytes,
        boolean stageEnd,
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
            String checkpointUri,
            String manifestDigest,
            long checkpointBytes,
            boolean stageEnd,
            List<MetricPoint> points) {
        this(
                runId,
                fence,
                position,
                stateDigest,
                checkpointUri,
                manifestDigest,
                checkpointBytes,
                stageEnd,
                points,
                List.of());
    }
}
