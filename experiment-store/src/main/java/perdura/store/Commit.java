package perdura.store;

import java.util.List;
import perdura.grids.spec.MetricPoint;
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
        List<MetricPoint> points) {
    public Commit {
        points = List.copyOf(points);
    }
}
