package perdura.store;

import java.util.List;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.RunId;

/** Table metric. */
public final class Metrics {
    public Metrics(Database database) {}

    public List<String> listKeys(RunId runId) {
        throw Todo.stub();
    }

    /** Points of one key with step >= {@code fromStep}, by step. */
    public List<MetricPoint> listPoints(RunId runId, String key, long fromStep) {
        throw Todo.stub();
    }

    /** The newest point of each key. */
    public List<MetricPoint> listLatest(RunId runId) {
        throw Todo.stub();
    }
}
