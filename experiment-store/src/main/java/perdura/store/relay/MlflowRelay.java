package perdura.store.relay;

import java.time.Duration;
import perdura.grids.spec.DurableEffects;
import perdura.store.Database;
import perdura.store.Todo;

/** Sends outbox rows to MLflow. Several relays may run at once. */
public final class MlflowRelay implements AutoCloseable {
    public MlflowRelay(Database database, MlflowConfig config, DurableEffects effects) {}

    /** Relays in a background thread until closed. */
    public void start() {
        throw Todo.stub();
    }

    /**
     * Relays until the outbox is empty or {@code patience} is over.
     *
     * @return what was delivered and what is left
     */
    public RelayReport drain(Duration patience) {
        throw Todo.stub();
    }

    @Override
    public void close() {
        throw Todo.stub();
    }
}
