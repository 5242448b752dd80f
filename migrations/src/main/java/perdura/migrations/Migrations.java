package perdura.migrations;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** Brings the schema of a database up to date. */
public final class Migrations {
    private static final String LOCATION = "classpath:perdura/migrations";

    private Migrations() {}

    /**
     * Runs the migrations that are missing, each in its own transaction. Several processes may call it at once: one
     * migrates, the others wait.
     *
     * @throws org.flywaydb.core.api.FlywayException if the server is away, or the schema was changed by hand
     */
    public static void migrate(DataSource dataSource) {
        flyway(dataSource).migrate();
    }

    /**
     * How many migrations the schema lacks. Changes nothing.
     *
     * @throws org.flywaydb.core.api.FlywayException if the server is away
     */
    public static int countMissing(DataSource dataSource) {
        return flyway(dataSource).info().pending().length;
    }

    private static Flyway flyway(DataSource dataSource) {
        return Flyway.configure()
                .dataSource(dataSource)
                .locations(LOCATION)
                .failOnMissingLocations(true)
                .load();
    }
}
