package perdura.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.argument.ArgumentFactory;
import org.jdbi.v3.core.argument.ObjectArgument;
import org.jdbi.v3.core.mapper.RowMapperFactory;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.TemplateEngine;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import perdura.grids.spec.Advice;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.RunId;
import perdura.grids.spec.RunKind;
import perdura.grids.spec.TrialKey;
import perdura.migrations.Migrations;

/** A pool of connections to a store whose schema is this program's. Thread-safe. */
public final class Database implements AutoCloseable {
    /** Each process has a training thread, a commit thread, a ticker, a relay and a few activities. */
    private static final int POOL_SIZE = 8;

    private static final int CONNECT_SECONDS = 5;
    /** Longer than any statement of ours takes; a server that vanished without a word is noticed by it. */
    private static final int SILENCE_SECONDS = 60;
    /** A process that is stopped between two statements of a transaction gives the run's lock back after this time. */
    private static final String SESSION = "SET idle_in_transaction_session_timeout = '15s'";

    private final HikariDataSource pool;
    private final Jdbi jdbi;
    private final DurableEffects effects;

    private Database(HikariDataSource pool, DurableEffects effects) {
        this.pool = pool;
        this.jdbi = Rows.mapped(Jdbi.create(pool));
        this.effects = effects;
    }

    /**
     * Migrates the schema if needed, and opens the pool. Waits up to {@code patience} for a server that is away.
     *
     * @throws PerduraException INVALID_SPEC if the settings are wrong; STORE_UNAVAILABLE if patience is over
     */
    public static Database open(DatabaseConfig config, DurableEffects effects, Duration patience) {
        PGSimpleDataSource server = server(config);
        new StoreRetry(patience).run(() -> withSchema(server, config, Database::migrate));
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
     * Opens the pool for a program that only reads: it migrates nothing. Waits up to {@code patience} for a server that is
     * away.
     *
     * @throws PerduraException as {@link #open}; SCHEMA_OUTDATED if the schema is older or newer than this program
     */
    public static Database openToRead(DatabaseConfig config, DurableEffects effects, Duration patience) {
        PGSimpleDataSource server = server(config);
        new StoreRetry(patience).run(() -> requireSameSchema(server, config));
        return open(server, effects);
    }

    private static void requireSameSchema(PGSimpleDataSource server, DatabaseConfig config) {
        Migrations.Schema schema = withSchema(server, config, Migrations::compare);
        @Nullable
        String remedy = switch (schema) {
            case SAME -> null;
            case OLDER ->
                "is older than this program, and a command that only reads does not migrate it: start a worker" + " ("
                        + Advice.UP.in() + ", " + Advice.WORKER.in() + "), or submit something";
            case NEWER -> "is newer than this program; use the version of Perdura that migrated it, or a later one";
        };
        if (remedy != null) {
            throw new PerduraException(
                    ErrorCode.SCHEMA_OUTDATED, config.jdbcUrl() + ": the schema of the store " + remedy);
        }
    }

    private static <T> T withSchema(PGSimpleDataSource server, DatabaseConfig config, Function<DataSource, T> work) {
        reach(server, config); // without it a wrong password and a dead server look alike
        try {
            return work.apply(server);
        } catch (FlywayException e) {
            throw named(config, migrationFailure(e));
        }
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
        settings.setExceptionOverride(new LostServers());
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

    private static boolean migrate(DataSource server) {
        Migrations.migrate(server);
        return true;
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
    public <T> T read(Function<Handle, T> work) {
        try (Handle handle = jdbi.open()) {
            return work.apply(handle);
        } catch (JdbiException e) {
            throw SqlFailure.beforeCommit(e);
        }
    }

    /** The rows of one statement, each as a record or as its only column. */
    public <T> List<T> list(Class<T> type, String sql, @Nullable Object... arguments) {
        return read(handle -> handle.select(sql, arguments).mapTo(type).list());
    }

    /** The first row of one statement. */
    public <T> Optional<T> find(Class<T> type, String sql, @Nullable Object... arguments) {
        return read(handle -> handle.select(sql, arguments).mapTo(type).findFirst());
    }

    /** The only row of a statement that always has one. */
    public <T> T one(Class<T> type, String sql, @Nullable Object... arguments) {
        return read(handle -> handle.select(sql, arguments).mapTo(type).one());
    }

    /** As {@link #write}, without an answer. */
    public void change(Consumer<Handle> work) {
        write(handle -> {
            work.accept(handle);
            return true;
        });
    }

    /**
     * Runs statements in one transaction: all or nothing. {@code work} may run several times: it must leave no trace outside
     * its handle.
     *
     * @throws PerduraException FENCED or NOT_FOUND if the schema refuses; STORE_UNAVAILABLE if it surely did not
     *     commit; COMMIT_UNKNOWN if the connection broke while committing; what {@code work} throws, rolled back
     */
    public <T> T write(Function<Handle, T> work) {
        boolean committing = false;
        try (Handle handle = jdbi.open()) {
            handle.begin();
            T result = runOrRollBack(work, handle);
            effects.before();
            committing = true;
            handle.commit();
            effects.after();
            return result;
        } catch (JdbiException e) {
            throw committing ? SqlFailure.inCommit(e) : SqlFailure.beforeCommit(e);
        }
    }

    private static <T> T runOrRollBack(Function<Handle, T> work, Handle handle) {
        try {
            return work.apply(handle);
        } catch (RuntimeException e) {
            try {
                handle.rollback();
            } catch (JdbiException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    private static final String WRITE_NOTHING = "UPDATE run SET name = name WHERE false";

    /**
     * Finds out whether the server takes changes: a standby answers questions only. Changes nothing.
     *
     * @throws PerduraException STORE_UNAVAILABLE if it doesn't
     */
    public void tryWrite() {
        write(handle -> handle.execute(WRITE_NOTHING));
    }

    @Override
    public void close() {
        pool.close();
    }

    /** Connections that can't be of use any more: to a server that is a standby now, or that stops, starts or refuses. */
    private static final class LostServers implements SQLExceptionOverride {
        @java.lang.Override
        public SQLExceptionOverride.Override adjudicate(SQLException e) {
            return SqlFailure.leavesConnectionUseless(e)
                    ? SQLExceptionOverride.Override.MUST_EVICT
                    : SQLExceptionOverride.Override.CONTINUE_EVICT;
        }
    }

    /** How rows become our records, and our types parameters of statements. */
    private static final class Rows {
        /** Types of one column. */
        private static final Set<Class<?>> OF_ONE_COLUMN = Set.of(RunId.class, TrialKey.class);

        private Rows() {}

        /** A record takes the columns that its components are called as; statements are sent as they are written. */
        static Jdbi mapped(Jdbi jdbi) {
            jdbi.getConfig(SqlStatements.class).setTemplateEngine(TemplateEngine.NOP);
            RowMapperFactory records =
                    (type, config) -> type instanceof Class<?> word && word.isRecord() && !OF_ONE_COLUMN.contains(word)
                            ? Optional.of(ConstructorMapper.of(word))
                            : Optional.empty();
            ArgumentFactory words = (type, value, config) -> {
                if (value instanceof RunId runId) {
                    return Optional.of(ObjectArgument.of(runId.value(), Types.VARCHAR));
                }
                return value instanceof RunKind kind
                        ? Optional.of(ObjectArgument.of(kind.word(), Types.VARCHAR))
                        : Optional.empty();
            };
            return jdbi.registerArrayType(String.class, "text")
                    .registerArrayType(Long.class, "int8")
                    .registerRowMapper(records)
                    .registerArgument(words)
                    .registerColumnMapper(RunId.class, (row, column, context) -> {
                        String text = row.getString(column);
                        return text == null ? null : new RunId(text);
                    })
                    .registerColumnMapper(TrialKey.class, (row, column, context) -> new TrialKey(row.getString(column)))
                    .registerColumnMapper(RunKind.class, (row, column, context) -> RunKind.of(row.getString(column)));
        }
    }
}
