package perdura.store;

import java.time.Duration;
import javax.sql.DataSource;
import perdura.grids.spec.DurableEffects;

/** A pool of connections to a migrated store. Thread-safe. */
public final class Database implements AutoCloseable {
    /** Migrates the schema if needed, and opens the pool. Waits up to {@code patience} for a server that is away. */
    public static Database open(DatabaseConfig config, DurableEffects effects, Duration patience) {
        throw Todo.stub();
    }

    DataSource dataSource() {
        throw Todo.stub();
    }

    @Override
    public void close() {
        throw Todo.stub();
    }
}
