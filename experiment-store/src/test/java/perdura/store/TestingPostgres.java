package perdura.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import perdura.grids.spec.DurableEffects;

/** Gives each test that asks for a {@link TestingStore} a new database on one real server for all test classes. */
public final class TestingPostgres implements ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(TestingPostgres.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        return parameter.getParameter().getType() == TestingStore.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
        Server server =
                test.getRoot().getStore(NAMESPACE).computeIfAbsent(Server.class, key -> new Server(), Server.class);
        TestingStore store = server.newStore();
        test.getStore(NAMESPACE).put(store, (AutoCloseable) store::close);
        return store;
    }

    private static final class Server implements AutoCloseable {
        private final EmbeddedPostgres postgres;
        private final AtomicInteger databases = new AtomicInteger();

        Server() {
            try {
                postgres = EmbeddedPostgres.start();
            } catch (IOException e) {
                throw new IllegalStateException("embedded Postgres didn't start", e);
            }
        }

        TestingStore newStore() {
            String name = "store_" + databases.incrementAndGet();
            try (Connection connection = postgres.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE DATABASE " + name);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            DatabaseConfig config = new DatabaseConfig(
                    "jdbc:postgresql://localhost:" + postgres.getPort() + "/" + name, "postgres", "postgres");
            return new TestingStore(
                    config,
                    postgres.getPort(),
                    Database.open(config, DurableEffects.counting(), Duration.ofSeconds(30)));
        }

        @Override
        public void close() throws IOException {
            postgres.close();
        }
    }
}
