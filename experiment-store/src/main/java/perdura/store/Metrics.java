package perdura.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.argument.Argument;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.RunId;

/** Table metric. */
public record Metrics(Database database) {
    /** Steps from one key to the next in the table's index, so that the number of points doesn't matter. */
    private static final String SELECT_KEYS = """
            WITH RECURSIVE known (key) AS (
                SELECT min(key) FROM metric WHERE run_id = ?
                UNION ALL
                SELECT (SELECT min(m.key) FROM metric m WHERE m.run_id = ? AND m.key > known.key)
                FROM known
                WHERE known.key IS NOT NULL
            )
            SELECT key FROM known WHERE key IS NOT NULL ORDER BY key
            """;

    public List<String> listKeys(RunId runId) {
        return database.list(String.class, SELECT_KEYS, runId, runId);
    }

    private static final String SELECT_POINTS =
            "SELECT * FROM metric WHERE run_id = ? AND key = ? AND step >= ? ORDER BY step";

    /** Points of one key with step >= {@code fromStep}, by step. */
    public List<MetricPoint> listPoints(RunId runId, String key, long fromStep) {
        return database.list(MetricPoint.class, SELECT_POINTS, runId, key, fromStep);
    }

    private static final String SELECT_LATEST =
            "SELECT * FROM metric WHERE run_id = ? AND key = ? ORDER BY step DESC LIMIT 1";

    /** The newest point of each key. */
    public List<MetricPoint> listLatest(RunId runId) {
        List<String> keys = listKeys(runId);
        return database.read(handle -> {
            List<MetricPoint> latest = new ArrayList<>();
            for (String key : keys) {
                latest.addAll(handle.select(SELECT_LATEST, runId, key)
                        .mapTo(MetricPoint.class)
                        .list());
            }
            return latest;
        });
    }

    /** Times travel as microseconds, which is what Postgres keeps: arrays of numbers are sent as they are. */
    private static final String INSERT_POINTS = """
            INSERT INTO metric (run_id, key, step, value, time, commit_step)
            SELECT ?, p.key, p.step, p.value, timestamptz 'epoch' + p.micros * interval '1 microsecond', ?
            FROM unnest(?::text[], ?::bigint[], ?::double precision[], ?::bigint[]) AS p (key, step, value, micros)
            ON CONFLICT DO NOTHING
            """;

    /** Writes points inside the transaction of what they belong to; returns how many of them are new. */
    static int insert(Handle handle, RunId runId, long commitStep, List<MetricPoint> points) {
        String[] keys = points.stream().map(MetricPoint::key).toArray(String[]::new);
        Long[] steps = points.stream().map(MetricPoint::step).toArray(Long[]::new);
        Double[] values = points.stream().map(MetricPoint::value).toArray(Double[]::new);
        Long[] micros = points.stream()
                .map(point -> ChronoUnit.MICROS.between(Instant.EPOCH, point.time()))
                .toArray(Long[]::new);
        return handle.execute(
                INSERT_POINTS,
                runId,
                commitStep,
                array("text", keys),
                array("int8", steps),
                array("float8", values),
                array("int8", micros));
    }

    /** Straight to the driver: these are the many rows of a commit. */
    private static Argument array(String type, Object[] elements) {
        return (position, statement, context) ->
                statement.setArray(position, statement.getConnection().createArrayOf(type, elements));
    }
}
