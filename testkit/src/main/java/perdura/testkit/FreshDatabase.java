package perdura.testkit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;

/** An empty database for one test or one class, on the one Postgres server that all tests of a process share. */
public final class FreshDatabase implements AutoCloseable {
    public static final String USER = "postgres";
    public static final String PASSWORD = "postgres";

    private final String name;

    private FreshDatabase(String name) {
        this.name = name;
    }

    /** Started by the first test that needs it; ends with the process. */
    private static final class Server {
        static final EmbeddedPostgres POSTGRES = start();
        static final AtomicInteger DATABASES = new AtomicInteger();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.start();
            } catch (IOException e) {
                throw new UncheckedIOException("embedded Postgres didn't start", e);
            }
        }
    }

    public static FreshDatabase create() {
        FreshDatabase created = new FreshDatabase("test_" + Server.DATABASES.incrementAndGet());
        execute("CREATE DATABASE " + created.name);
        return created;
    }

    /** Of the server. */
    public int port() {
        return Server.POSTGRES.getPort();
    }

    /** {@code jdbc:postgresql://host:port/database}. */
    public String jdbcUrl() {
        return "jdbc:postgresql://localhost:" + port() + "/" + name;
    }

    /** A connection without a pool. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl(), USER, PASSWORD);
    }

    /** Drops the database, and ends whatever is still connected to it. */
    @Override
    public void close() {
        execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    }

    private static void execute(String sql) {
        try (Connection connection = Server.POSTGRES.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }
}
