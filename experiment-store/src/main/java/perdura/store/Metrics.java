package perdura.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.RunId;

/** Table metric. */
public final class Metrics {
    private final Database database;

    public Metrics(Database database) {
        this.database = database;
    }

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
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(SELECT_KEYS)) {
                select.setString(1, runId.value());
                select.setString(2, runId.value());
                List<String> keys = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        keys.add(Columns.text(row, "key"));
                    }
                }
                return keys;
            }
        });
    }

    private static final String SELECT_POINTS =
            "SELECT * FROM metric WHERE run_id = ? AND key = ? AND step >= ? ORDER BY step";

    /** Points of one key with step >= {@code fromStep}, by step. */
    public List<MetricPoint> listPoints(RunId runId, String key, long fromStep) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(SELECT_POINTS)) {
                select.setString(1, runId.value());
                select.setString(2, key);
                select.setLong(3, fromStep);
                return list(select);
            }
        });
    }

    private static final String SELECT_LATEST =
            "SELECT * FROM metric WHERE run_id = ? AND key = ? ORDER BY step DESC LIMIT 1";

    /** The newest point of each key. */
    public List<MetricPoint> listLatest(RunId runId) {
        List<String> keys = listKeys(runId);
        return database.read(connection -> {
            List<MetricPoint> latest = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(SELECT_LATEST)) {
                for (String key : keys) {
                    select.setString(1, runId.value());
                    select.setString(2, key);
                    latest.addAll(list(select));
                }
            }
            return latest;
        });
    }

    private static List<MetricPoint> list(PreparedStatement select) throws SQLException {
        List<MetricPoint> points = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                points.add(new MetricPoint(
                        Columns.text(row, "key"),
                        row.getDouble("value"),
                        row.getLong("step"),
                        Columns.instant(row, "time")));
            }
        }
        return points;
    }
}
