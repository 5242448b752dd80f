package perdura.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.RunId;

/** Writes points of table metric, inside the transaction of what they belong to. */
final class MetricRows {
    private MetricRows() {}

    /** Times travel as microseconds, which is what Postgres keeps: arrays of numbers are sent as they are. */
    private static final String INSERT_POINTS = """
            INSERT INTO metric (run_id, key, step, value, time, commit_step)
            SELECT ?, p.key, p.step, p.value, timestamptz 'epoch' + p.micros * interval '1 microsecond', ?
            FROM unnest(?::text[], ?::bigint[], ?::double precision[], ?::bigint[]) AS p (key, step, value, micros)
            ON CONFLICT DO NOTHING
            """;

    /** Returns how many of the points are new. */
    static int insert(Connection connection, RunId runId, long commitStep, List<MetricPoint> points)
            throws SQLException {
        String[] keys = points.stream().map(MetricPoint::key).toArray(String[]::new);
        Long[] steps = points.stream().map(MetricPoint::step).toArray(Long[]::new);
        Double[] values = points.stream().map(MetricPoint::value).toArray(Double[]::new);
        Long[] micros = points.stream().map(MetricRows::micros).toArray(Long[]::new);
        try (PreparedStatement insert = connection.prepareStatement(INSERT_POINTS)) {
            insert.setString(1, runId.value());
            insert.setLong(2, commitStep);
            insert.setArray(3, connection.createArrayOf("text", keys));
            insert.setArray(4, connection.createArrayOf("int8", steps));
            insert.setArray(5, connection.createArrayOf("float8", values));
            insert.setArray(6, connection.createArrayOf("int8", micros));
            return insert.executeUpdate();
        }
    }

    private static long micros(MetricPoint point) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, point.time());
    }
}
