package perdura.store;

import java.time.Duration;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import perdura.grids.spec.DurableEffects;
import perdura.testkit.FreshDatabase;

/** Gives each test that asks for a {@link TestingStore} a store of its own. */
public final class TestingPostgres implements ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(TestingPostgres.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        return parameter.getParameter().getType() == TestingStore.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
        FreshDatabase fresh = FreshDatabase.create();
        DatabaseConfig config = new DatabaseConfig(fresh.jdbcUrl(), FreshDatabase.USER, FreshDatabase.PASSWORD);
        TestingStore store = new TestingStore(
                config, fresh.port(), Database.open(config, DurableEffects.counting(), Duration.ofSeconds(30)));
        test.getStore(NAMESPACE).put(store, (AutoCloseable) () -> {
            store.close();
            fresh.close();
        });
        return store;
    }
}
