package perdura.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.migrations.Migrations;

/** A pool of connections to a migrated store. Thread-safe. */
public final class Database implements AutoCloseable {
    /** Each process has a training thread, a commit thread, a ticker, a relay and a few activities. */
    private static final int POOL_SIZE = 8;

    private static final int CONNECT_SECONDS = 5;
    /** Longer than any statement of ours takes; a server that vanished without a word is noticed by it. */
    private static final int SILENCE_SECONDS = 60;
    /** A process that is stopped between two statements of a transaction gives the run's lock back after this time. */
    private static final String SESSION = "SET idle_in_transaction_session_timeout = '15s'";

    private final HikariDataSource pool;
    private final DurableEffects effects;

    private Database(HikariDataSource pool, DurableEffects effects) {
        this.pool = pool;
        this.effects = effects;
    }

    /**
     * Migrates the schema if needed, and opens the pool. Waits up to {@code patience} for a server that is away.
     *
     * @throws PerduraException INVALID_SPEC if the settings are wrong; STORE_UNAVAILABLE if patience is over
     */
    public static Database open(DatabaseConfig config, DurableEffects effects, Duration patience) {
        PGSimpleDataSource server = server(config);
        new StoreRetry(patience).run(() -> migrate(server, config));
        return open(server, effects);
    }

    /**
     * Opens the pool on a schema that whoever started this process has migrated: saves its check at a time when a run
     * waits. Waits up to {@code patience} for a server that is away.
     *
     * @throws PerduraException as {@link #open}
     */
    public static Database openMigrated(DatabaseConfig config, DurableEffects effects, Duration patience) {
        PGSimpleDataSource server = server(config);
        new StoreRetry(patience).run(() -> reach(server, config));
        return open(server, effects);
    }

    /**
     * Opens the pool for somebody who only asks: leaves the schema as it is. Waits up to {@code patience} for a server that is away.
     *
     * @throws PerduraException as {@link #open}; SCHEMA_OUTDATED if migrations are missing
     */
    public static Database openToRead(DatabaseConfig config, DurableEffects effects, Duration patience) {
        PGSimpleDataSource server = server(config);
        new StoreRetry(patience).run(() -> reach(server, config));
        int missing;
        try {
            missing = Migrations.countMissing(server);
        } catch (FlywayException e) {
            throw named(config, migrationFailure(e));
        }
        if (missing > 0) {
            throw named(
                    config,
                    new PerduraException(
                            ErrorCode.SCHEMA_OUTDATED,
                            "the schema lacks " + missing + (missing == 1 ? " migration" : " migrations")
                                    + " of this version; a command that only reads"
                                    + " does not run them: start a worker ('perdura up', 'perdura worker'), or submit"
                                    + " something"));
        }
        return open(server, effects);
    }

    private static Database open(PGSimpleDataSource server, DurableEffects effects) {
        HikariConfig settings = new HikariConfig();
        settings.setPoolName("perdura-store");
        settings.setDataSource(server);
        settings.setMaximumPoolSize(POOL_SIZE);
        settings.setMinimumIdle(0);
        settings.setConnectionTimeout(Duration.ofSeconds(CONNECT_SECONDS).toMillis());
        settings.setKeepaliveTime(Duration.ofSeconds(SILENCE_SECONDS).toMillis());
        settings.setInitializationFailTimeout(-1); // the server was there a moment ago; each call waits for itself
        settings.setConnectionInitSql(SESSION);
        return new Database(new HikariDataSource(settings), effects);
    }

    private static PGSimpleDataSource server(DatabaseConfig config) {
        PGSimpleDataSource server = new PGSimpleDataSource();
        try {
            server.setUrl(config.jdbcUrl());
        } catch (IllegalArgumentException e) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "database URL must be jdbc:postgresql://host:port/database, was " + config.jdbcUrl(),
                    e);
        }
        server.setUser(config.user());
        server.setPassword(config.password());
        server.setApplicationName("perdura");
        server.setConnectTimeout(CONNECT_SECONDS);
        server.setSocketTimeout(SILENCE_SECONDS);
        server.setTcpKeepAlive(true);
        return server;
    }

    private static void migrate(PGSimpleDataSource server, DatabaseConfig config) {
        reach(server, config); // without it a wrong password and a dead server look alike
        try {
            Migrations.migrate(server);
        } catch (FlywayException e) {
            throw named(config, migrationFailure(e));
        }
    }

    private static void reach(PGSimpleDataSource server, DatabaseConfig config) {
        try {
            server.getConnection().close();
        } catch (SQLException e) {
            throw named(config, SqlFailure.beforeCommit(e));
        }
    }

    private static PerduraException named(DatabaseConfig config, PerduraException e) {
        return new PerduraException(e.code(), config.jdbcUrl() + ": " + e.getMessage(), e);
    }

    private static PerduraException migrationFailure(FlywayException e) {
        for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return SqlFailure.beforeCommit(sql);
            }
        }
        return new PerduraException(ErrorCode.INTERNAL, "the schema can't be migrated: " + e.getMessage(), e);
    }

    /**
     * Runs statements that only read.
     *
     * @throws PerduraException STORE_UNAVAILABLE if the server is away
     */
    public <T> T read(SqlWork<T> work) {
        try (Connection connection = pool.getConnection()) {
            return work.run(connection);
        } catch (SQLException e) {
            throw SqlFailure.beforeCommit(e);
        }
    }

    /**
     * Runs statements in one transaction: all or nothing.
     *
     * @throws PerduraException FENCED or NOT_FOUND if the schema refuses; STORE_UNAVAILABLE if it surely did not
     *     commit; COMMIT_UNKNOWN if the connection broke while committing; what {@code work} throws, rolled back
     */
    public <T> T write(SqlWork<T> work) {
        boolean committing = false;
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            T result = runOrRollBack(work, connection);
            effects.before();
            committing = true;
            connection.commit();
            effects.after();
            return result;
        } catch (SQLException e) {
            throw committing ? SqlFailure.inCommit(e) : SqlFailure.beforeCommit(e);
        }
    }

    private static <T> T runOrRollBack(SqlWork<T> work, Connection connection) throws SQLException {
        try {
            return work.run(connection);
        } catch (SQLException | RuntimeException e) {
            try {
                connection.rollback();
            } catch (SQLException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
