package perdura.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.testkit.FreshDatabase;

/** Who opens a store to read it leaves its schema as it is. */
class TestDatabase {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private FreshDatabase postgres;
    private DatabaseConfig config;

    @BeforeEach
    void create() {
        postgres = FreshDatabase.create();
        config = new DatabaseConfig(postgres.jdbcUrl(), FreshDatabase.USER, FreshDatabase.PASSWORD);
    }

    @AfterEach
    void drop() {
        postgres.close();
    }

    @Test
    void anEmptyDatabaseIsOlderAndStaysEmpty() throws SQLException {
        refuses("older", "perdura up");

        assertThat(number("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"))
                .isZero();
    }

    @Test
    void aMigratedStoreIsRead() {
        migrate();

        try (Database database = Database.openToRead(config, DurableEffects.counting(), PATIENCE)) {
            assertThat(new Runs(database).listRuns(null, null, 10)).isEmpty();
        }
    }

    @Test
    void aStoreThatLacksAMigrationIsOlderAndStaysSo() throws SQLException {
        migrate();
        execute("DELETE FROM flyway_schema_history WHERE installed_rank = "
                + "(SELECT max(installed_rank) FROM flyway_schema_history)");
        long before = number("SELECT count(*) FROM flyway_schema_history");

        refuses("older", "perdura up");

        assertThat(number("SELECT count(*) FROM flyway_schema_history")).isEqualTo(before);
    }

    @Test
    void aStoreWithAMigrationThatNobodyKnowsIsNewer() throws SQLException {
        migrate();
        execute("INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum,"
                + " installed_by, execution_time, success) VALUES (999, '299901010000', 'of tomorrow', 'SQL',"
                + " 'V299901010000__of_tomorrow.sql', 1, 'tomorrow', 1, true)");

        refuses("newer");
    }

    private void refuses(String... words) {
        assertThatThrownBy(() -> Database.openToRead(config, DurableEffects.counting(), PATIENCE))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_OUTDATED))
                .hasMessageContainingAll(words);
    }

    private void migrate() {
        Database.open(config, DurableEffects.counting(), PATIENCE).close();
    }

    private void execute(String sql) throws SQLException {
        try (var connection = postgres.connect();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private long number(String sql) throws SQLException {
        try (var connection = postgres.connect();
                var row = connection.createStatement().executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
