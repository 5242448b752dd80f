package perdura.store.relay;

import java.util.List;
import perdura.grids.spec.RunId;
import perdura.store.Database;
import perdura.store.Todo;

/** What waits for MLflow, for status pages. */
public final class Outbox {
    public Outbox(Database database) {}

    public long countPending() {
        throw Todo.stub();
    }

    public List<Parked> listParked() {
        throw Todo.stub();
    }

    /** Puts parked rows back into the queue. */
    public int retryParked() {
        throw Todo.stub();
    }

    /** A row set aside. */
    public record Parked(long id, RunId runId, String kind, String reason) {}
}
