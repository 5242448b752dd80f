package perdura.migrations;

import java.util.Arrays;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;

/** Brings the schema of a database up to date, or tells whether it is. */
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

    /** How the schema of a database stands to the migrations of this program. */
    public enum Schema {
        SAME,
        /** It lacks a migration, or all. */
        OLDER,
        /** It has a migration that this program does not know. */
        NEWER
    }

    /**
     * Compares without changing anything.
     *
     * @throws org.flywaydb.core.api.FlywayException as {@link #migrate}
     */
    public static Schema compare(DataSource dataSource) {
        MigrationInfoService info = flyway(dataSource).info();
        if (Arrays.stream(info.applied()).anyMatch(applied -> applied.getState() == MigrationState.FUTURE_SUCCESS)) {
            return Schema.NEWER;
        }
        return info.pending().length > 0 ? Schema.OLDER : Schema.SAME;
    }

    private static Flyway flyway(DataSource dataSource) {
        return Flyway.configure()
                .dataSource(dataSource)
                .locations(LOCATION)
                .failOnMissingLocations(true)
                .load();
    }
}
