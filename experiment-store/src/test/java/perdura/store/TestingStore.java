package perdura.store;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.MetricPoint;
import perdura.grids.spec.Position;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;

/** A store of its own for one test, with what tests say again and again. */
public final class TestingStore {
    public static final RunId RUN = new RunId("run-1");
    private static final Instant START = Instant.parse("2026-11-24T00:00:00Z");

    private final DatabaseConfig config;
    private final int port;
    private final Database database;
    private final List<Database> others = new CopyOnWriteArrayList<>();

    TestingStore(DatabaseConfig config, int port, Database database) {
        this.config = config;
        this.port = port;
        this.database = database;
    }

    public Database database() {
        return database;
    }

    /** The port of the server. */
    public int port() {
        return port;
    }

    /** A second way into the same store, through another port of this machine. */
    public Database openThrough(int otherPort) {
        String url = config.jdbcUrl().replace(":" + port + "/", ":" + otherPort + "/");
        Database other = Database.open(
                new DatabaseConfig(url, config.user(), config.password()),
                DurableEffects.counting(),
                Duration.ofSeconds(30));
        others.add(other);
        return other;
    }

    /** A connection that knows nothing of our classes. */
    public Connection rawConnection() throws SQLException {
        return DriverManager.getConnection(config.jdbcUrl(), config.user(), config.password());
    }

    public List<String> list(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = rawConnection();
                PreparedStatement select = connection.prepareStatement(sql);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                rows.add(String.valueOf(row.getString(1)));
            }
        }
        return rows;
    }

    public void execute(String sql) throws SQLException {
        try (Connection connection = rawConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    public void createRun(RunId runId) {
        new Runs(database).createRun(newRun(runId, "{\"seed\":1}", "h1"));
    }

    public Attempt claim(RunId runId) {
        return new Attempts(database).claim(runId, "host/0", "pytorch cpu 1");
    }

    public static NewRun newRun(RunId runId, String spec, String specHash) {
        Map<String, String> params = new LinkedHashMap<>();
        params.put("optimizer.lr", "0.1");
        params.put("batch", "8");
        return new NewRun(
                runId,
                new Run.Identity("tests", "a run", RunKind.PRETRAIN, spec, specHash, 1),
                params,
                Map.of("mlflow.user", "tester"));
    }

    /** The commit of a loop that has done the steps {@code from} to {@code to} - 1, with one point for each. */
    public static Commit commit(RunId runId, long fence, long from, long to) {
        return commit(runId, fence, to, points("train/loss", from, to));
    }

    public static Commit commit(RunId runId, long fence, long step, List<MetricPoint> points) {
        return new Commit(
                runId,
                fence,
                new Position(1, 0, step),
                "digest-" + step,
                new StoredCheckpoint.Files("file:///artifacts/" + runId + "/" + step, "manifest-" + step, 1_000),
                false,
                points);
    }

    /** Values and times are functions of the step and of nothing else. */
    public static List<MetricPoint> points(String key, long from, long to) {
        List<MetricPoint> points = new ArrayList<>();
        for (long step = from; step < to; step++) {
            points.add(new MetricPoint(key, 1.0 / (step + 1), step, START.plusMillis(step)));
        }
        return points;
    }

    void close() {
        others.forEach(Database::close);
        database.close();
    }
}
