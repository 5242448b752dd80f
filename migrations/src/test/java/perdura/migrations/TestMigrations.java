package perdura.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TestMigrations {
    private static final String COLUMNS = """
            SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
            FROM information_schema.columns
            WHERE table_schema = 'public'
            ORDER BY table_name, column_name
            """;
    private static final String CONSTRAINTS = """
            SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid)
            FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace
            ORDER BY 1
            """;
    private static final String TRIGGERS =
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1";

    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void start() throws IOException {
        postgres = EmbeddedPostgres.start();
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    @Test
    void migratesFromEmptyToTheTablesOfTheDesign() throws SQLException {
        DataSource empty = database("from_empty");

        Migrations.migrate(empty);

        assertThat(list(empty, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"))
                .contains(
                        "artifact",
                        "attempt",
                        "checkpoint",
                        "commit",
                        "dataset",
                        "event",
                        "experiment",
                        "metric",
                        "outbox",
                        "param",
                        "run",
                        "sweep",
                        "sweep_trial",
                        "trial");
    }

    @Test
    void migratesFromEveryOlderVersionToTheSameSchema() throws SQLException {
        DataSource reference = database("reference");
        Migrations.migrate(reference);
        List<String> versions = Arrays.stream(flyway(reference, "latest").info().applied())
                .map(MigrationInfo::getVersion)
                .map(Object::toString)
                .toList();
        assertThat(versions).hasSizeGreaterThan(1);

        for (String version : versions) {
            DataSource older = database("from_" + version);
            flyway(older, version).migrate();
            Migrations.migrate(older);
            assertThat(schema(older)).as("schema from " + version).isEqualTo(schema(reference));
        }
    }

    @Test
    void migratingAgainChangesNothing() throws SQLException {
        DataSource twice = database("twice");
        Migrations.migrate(twice);
        List<String> before = schema(twice);

        Migrations.migrate(twice);

        assertThat(schema(twice)).isEqualTo(before);
    }

    @Test
    void manyProcessesMayMigrateAtOnce() throws Exception {
        DataSource shared = database("at_once");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                all.add(threads.submit(() -> Migrations.migrate(shared)));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(list(shared, "SELECT count(*)::text FROM run")).containsExactly("0");
    }

    @Test
    void checksRefuseWhatIsNoRun() throws SQLException {
        DataSource checked = database("checked");
        Migrations.migrate(checked);
        execute(checked, "INSERT INTO experiment (name) VALUES ('e')");

        assertThatThrownBy(() -> execute(checked, insertRun("Not-A-Run", "SCHEDULED")))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23514"));
        assertThatThrownBy(() -> execute(checked, insertRun("run", "DONE")))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23514"));
        assertThatThrownBy(() -> execute(checked, insertRun("run", "FINISHED"))) // without its end
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23514"));
        execute(checked, insertRun("run", "SCHEDULED"));
    }

    private static String insertRun(String runId, String status) {
        return "INSERT INTO run (run_id, experiment, name, kind, spec, spec_hash, seed, status)"
                + " VALUES ('%s', 'e', 'n', 'pretrain', '{}', 'h', 1, '%s')".formatted(runId, status);
    }

    private static List<String> schema(DataSource dataSource) throws SQLException {
        List<String> all = new ArrayList<>(list(dataSource, COLUMNS));
        all.addAll(list(dataSource, CONSTRAINTS));
        all.addAll(list(dataSource, TRIGGERS));
        return all;
    }

    private static Flyway flyway(DataSource dataSource, String target) {
        return Flyway.configure()
                .dataSource(dataSource)
                .locations("classpath:perdura/migrations")
                .target(target)
                .load();
    }

    private static DataSource database(String name) throws SQLException {
        execute(postgres.getPostgresDatabase(), "CREATE DATABASE " + name);
        return postgres.getDatabase("postgres", name);
    }

    private static void execute(DataSource dataSource, String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<String> list(DataSource dataSource, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                rows.add(Objects.requireNonNull(result.getString(1)));
            }
        }
        return rows;
    }
}
