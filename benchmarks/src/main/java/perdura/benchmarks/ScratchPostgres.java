package perdura.benchmarks;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.time.Duration;
import perdura.grids.spec.DurableEffects;
import perdura.store.Database;
import perdura.store.DatabaseConfig;

/** A local Postgres with our tables, empty at first, which writes to the disk what it commits. */
final class ScratchPostgres implements AutoCloseable {
    private final EmbeddedPostgres postgres;
    private final Database database;

    ScratchPostgres() throws IOException {
        postgres = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .start();
        database = Database.open(
                new DatabaseConfig(
                        "jdbc:postgresql://localhost:" + postgres.getPort() + "/postgres", "postgres", "postgres"),
                DurableEffects.counting(),
                Duration.ofMinutes(1));
    }

    Database database() {
        return database;
    }

    @Override
    public void close() throws IOException {
        database.close();
        postgres.close();
    }
}
